import type { MachineInfo } from "../machine_info.ts";
import type { Command, RunOptions } from "./run_options.ts";

/** What is started for a command. */
export function argvOf(command: Command, info: MachineInfo, options: RunOptions): string[] {
  const argv = typeof command === "string" ? shellArgv(command, info) : [...command];
  const { user, env = {} } = options;
  return user === undefined ? argv : ["sh", "-c", asUser, user, Object.keys(env).join(","), ...argv];
}

/** A command line, as the shells take it. */
function shellArgv(line: string, { shell }: MachineInfo): string[] {
  const name = shell.name.toLowerCase().replace(/\.exe$/, "");
  if (name === "cmd") return [shell.path, "/d", "/s", "/c", line];
  if (name === "powershell" || name === "pwsh") {
    return [shell.path, "-NoProfile", "-NonInteractive", "-Command", line];
  }
  return [shell.path, "-c", line];
}

/**
 * Whoever it is already needs nothing, and root no password. `sudo` would drop the variables that were asked for, and shows
 * its arguments to everybody: so they are named to it, not told.
 */
const asUser = `user=$0 names=$1; shift
if [ "$(id -un)" = "$user" ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then exec su -s /bin/sh -c 'exec "$0" "$@"' -- "$user" "$@"; fi
exec sudo -n \${names:+--preserve-env="$names"} -u "$user" -- "$@"`;

/**
 * The same for a server that cannot end a process's input: what is behind the last byte is seen by a program in between.
 *
 * @param bytes how many the input has
 */
export function withInputOf(bytes: number, argv: readonly string[]): string[] {
  return ["sh", "-c", 'head -c "$0" | "$@"', String(bytes), ...argv];
}
