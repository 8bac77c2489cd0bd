import { tmpdir } from "node:os";
import { basename, isAbsolute } from "node:path";
import { cwd, env, platform } from "node:process";
import { formatFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import { loginShell } from "./login_shell.ts";
import { methodCapabilities } from "../protocol/methods.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { homeDirectory } from "./facts.ts";
import { version } from "../version.ts";

/** This machine's operating system as the protocol names it. */
export const platformOs: PlatformOs = platform === "win32"
  ? "windows"
  : platform === "darwin"
  ? "macos"
  : "linux";

/** What a client is told of this machine. Each fact stands for itself: what cannot be told is left out. */
export function environmentInfo(): EnvironmentInfo {
  const shell = loginShell();
  const temporary = uri(() => env.TMPDIR);
  const home = uri(homeDirectory);
  const tempDir = uri(() => env.TMPDIR || tmpdir());
  return {
    shell: { name: basename(shell).replace(/\.exe$/i, ""), path: shell },
    executorVersion: version,
    providerId: `exec-server-${version}`,
    cwd: uri(cwd) ?? null,
    ...(home === undefined ? {} : { userHomeDir: home }),
    platformOs,
    prependPathDirs: [],
    temporaryDirectories: temporary === undefined ? [] : [temporary],
    ...(tempDir === undefined ? {} : { tempDir }),
    capabilities: methodCapabilities(),
  };
}

/**
 * The URI of a directory of this machine; undefined where it cannot be told: the directory this program stands in was
 * removed, the user has no entry in the user database, a variable is empty, relative or a `~` that no shell has read.
 */
function uri(tell: () => string | undefined): string | undefined {
  try {
    const path = tell();
    return path && isAbsolute(path) ? formatFileUri(path, platformOs) : undefined;
  } catch {
    return undefined;
  }
}
