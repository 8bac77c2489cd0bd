import { userInfo } from "node:os";
import { env, platform } from "node:process";

/** The user's shell by the user database, which a login uses too; `$SHELL` may be anything a parent left behind. */
export function loginShell(): string {
  if (platform === "win32") return env.COMSPEC ?? "C:\\Windows\\System32\\cmd.exe";
  try {
    const { shell } = userInfo();
    if (shell && !/\/(nologin|false)$/.test(shell)) return shell;
  } catch {
    // A user without an entry, as in many containers.
  }
  return env.SHELL ?? "/bin/sh";
}
