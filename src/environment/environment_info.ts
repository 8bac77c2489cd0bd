import { homedir, tmpdir } from "node:os";
import { basename } from "node:path";
import { cwd, env, platform } from "node:process";
import { formatFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import { loginShell } from "../process/login_shell.ts";
import { methodCapabilities } from "../protocol/methods.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { version } from "../version.ts";

/** This machine's operating system as the protocol names it. */
export const platformOs: PlatformOs = platform === "win32"
  ? "windows"
  : platform === "darwin"
  ? "macos"
  : "linux";

/** What a client is told of this machine. */
export function environmentInfo(): EnvironmentInfo {
  const shell = loginShell();
  const uri = (path: string) => formatFileUri(path, platformOs);
  const temporary = env.TMPDIR;
  return {
    shell: { name: basename(shell).replace(/\.exe$/i, ""), path: shell },
    executorVersion: version,
    providerId: `exec-server-${version}`,
    cwd: uri(cwd()),
    userHomeDir: uri(homedir()),
    platformOs,
    prependPathDirs: [],
    temporaryDirectories: temporary ? [uri(temporary)] : [],
    tempDir: uri(temporary ?? tmpdir()),
    capabilities: methodCapabilities(),
  };
}
