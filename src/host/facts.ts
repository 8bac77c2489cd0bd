import { homedir, hostname, tmpdir } from "node:os";
import { basename, isAbsolute } from "node:path";
import process from "node:process";
import type { PlatformOs } from "../protocol/file_uri.ts";
import { loginShell } from "./login_shell.ts";

/** The operating system that this program runs on. */
export const hostOs: PlatformOs = process.platform === "win32"
  ? "windows"
  : process.platform === "darwin"
  ? "macos"
  : "linux";

/** What this program knows of the machine it runs on. */
export interface HostFacts {
  readonly os: PlatformOs;
  readonly hostname: string;
  /** The user's login shell: a name such as `bash`, and its path. */
  readonly shell: { readonly name: string; readonly path: string };
  /** Undefined where nothing tells an absolute one. */
  readonly homeDirectory: string | undefined;
  /** Where programs put what they need for a while; undefined where nothing tells an absolute one. */
  readonly temporaryDirectory: string | undefined;
}

/** Finds out what there is to know of this machine. */
export function hostFacts(): HostFacts {
  const shell = loginShell();
  return {
    os: hostOs,
    hostname: hostname(),
    shell: { name: basename(shell).replace(/\.exe$/i, ""), path: shell },
    // A user without an entry in the user database, as in many containers, has no home.
    homeDirectory: absolute(homedir),
    temporaryDirectory: absolute(() => process.env["TMPDIR"] || tmpdir()),
  };
}

/**
 * The directory that something tells; undefined where it fails, and for what is empty, relative or a `~` that no shell has
 * read.
 */
function absolute(tell: () => string | null): string | undefined {
  try {
    const path = tell();
    return path && isAbsolute(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
