import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { env, getuid, platform } from "node:process";

let found: string | undefined;

/**
 * Path of the user's shell by the user database, which a login uses too; `$SHELL` may be anything a parent left behind. It
 * is looked for once.
 */
export function loginShell(): string {
  return found ??= findShell();
}

function findShell(): string {
  if (platform === "win32") return env.COMSPEC ?? "C:\\Windows\\System32\\cmd.exe";
  const shell = shellInPasswd() ?? shellOfUserInfo();
  return shell && !/\/(nologin|false)$/.test(shell) ? shell : env.SHELL ?? "/bin/sh";
}

/** By the local file, which is read here because Bun's `userInfo` knows only `$SHELL`, and "unknown" without one. */
function shellInPasswd(): string | undefined {
  try {
    const entries = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
    return entries.find(([, , uid]) => uid === String(getuid?.()))?.[6];
  } catch {
    return undefined; // A system that keeps its users elsewhere.
  }
}

function shellOfUserInfo(): string | undefined {
  try {
    const { shell } = userInfo();
    return shell?.startsWith("/") ? shell : undefined;
  } catch {
    return undefined; // A user without an entry, as in many containers.
  }
}
