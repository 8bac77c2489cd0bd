import { homedir, hostname } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import type { PlatformOs } from "../protocol/file_uri.ts";

/** What the operations of this room have to know of the machine; tests make up their own. */
export interface Machine {
  readonly os: PlatformOs;
  readonly hostname: string;
  /** The user's home directory; undefined where nothing tells an absolute one. */
  readonly homeDir: string | undefined;
  /** Where the configuration for all users is. */
  readonly systemConfigDir: string;
  /** `CODEX_HOME` as it is set; undefined or empty where it is not. */
  readonly codexHome: string | undefined;
}

/** The machine this program runs on. */
export function thisMachine(): Machine {
  const os = process.platform === "win32" ? "windows" : process.platform === "darwin" ? "macos" : "linux";
  return {
    os,
    hostname: hostname(),
    homeDir: homeDirectory(),
    systemConfigDir: os === "windows"
      ? join(process.env["ProgramData"] ?? "C:\\ProgramData", "OpenAI", "Codex")
      : "/etc/codex",
    codexHome: process.env["CODEX_HOME"],
  };
}

/** A user without an entry in the user database, as in many containers, has none; a `~` that no shell has read is none. */
export function homeDirectory(): string | undefined {
  try {
    const home: string | null = homedir();
    return home && isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
