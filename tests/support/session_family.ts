import process from "node:process";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that leads a session of its own, made of what its first line on stdout says. */
export interface SessionFamily extends AsyncDisposable {
  readonly leader: number;
  /** The words of the line that are numbers, in order. */
  readonly pids: number[];
  /** Resolves when the leader has been reaped. */
  readonly ended: Promise<unknown>;
}

/** Starts a script of bash; resolves when it has written a line. Nobody in it survives the disposal. */
export async function startFamily(script: string): Promise<SessionFamily> {
  const child: ChildProcess = spawn("/bin/bash", ["-c", script], {
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [line] = await once(createInterface(child.stdout!), "line") as [string];
  const pids = line.split(/\s+/).filter((word) => /^\d+$/.test(word)).map(Number);
  return {
    leader: child.pid!,
    pids,
    ended,
    async [Symbol.asyncDispose]() {
      for (const pid of [-child.pid!, ...pids]) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
      await ended;
    },
  };
}
