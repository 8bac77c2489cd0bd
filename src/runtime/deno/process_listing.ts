import { readdirSync } from "node:fs";
import type { ProcessListing } from "../../host/child_process.ts";
import { sessionIn } from "../../process/proc_files.ts";

/**
 * How to look at the processes of this machine without the C library. Deno lets nobody read `/proc` who is denied
 * anything at all; a program may, where starting one is allowed. Undefined where Deno reads it as well.
 */
export function openProcessListing(): ProcessListing | undefined {
  if (Deno.build.os !== "linux") return undefined;
  denied ??= isProcDenied();
  return denied ? new ReadByProgram() : undefined;
}

let denied: boolean | undefined;

function isProcDenied(): boolean {
  try {
    readdirSync("/proc");
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotCapable;
  }
}

/** Learns the sessions together with the numbers. */
class ReadByProgram implements ProcessListing {
  readonly #sessions = new Map<number, number>();

  pids(): Iterable<number> {
    this.#sessions.clear();
    // The kernel writes a line break in a name as `\n`.
    for (const line of allStats().split("\n")) {
      if (line !== "") this.#sessions.set(parseInt(line), sessionIn(line));
    }
    return this.#sessions.keys();
  }

  sessionOf(pid: number): number | undefined {
    return this.#sessions.get(pid);
  }
}

const shell = "/bin/sh";

/** `/proc/PID/stat` of every process; empty where it is not to be had. */
function allStats(): string {
  // Otherwise Deno would ask at the terminal, if there is one, and the whole server would wait for the answer.
  if (Deno.permissions.querySync({ name: "run", command: shell }).state !== "granted") return "";
  try {
    const { stdout } = new Deno.Command(shell, {
      args: ["-c", "cat /proc/[0-9]*/stat"],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return new TextDecoder("latin1").decode(stdout);
  } catch {
    return "";
  }
}
