/**
 * Terminals of the runtime this file runs on, as the scenarios use them.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { thisHost } from "../../../src/runtime/this_host.ts";
import type { ChildProcess, ExitStatus, TerminalSpawnRequest } from "../../../src/host/child_process.ts";
import { exitOf } from "../../support/exit_of.ts";

/** What happens on a terminal, by sentence. Each runs in a process of its own, which must end by itself. */
export type Scenarios = Record<string, () => Promise<void>>;

/** Whether this is Bun. */
export const isBun = "Bun" in globalThis;

const { spawnTerminal } = thisHost.spawner;

/** Starts a program on a terminal; what the request leaves out is ordinary. */
export function spawn(
  request: Partial<TerminalSpawnRequest> & { program: string },
): TerminalProcess {
  return new TerminalProcess(spawnTerminal({
    argv0: request.program,
    args: [],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", TERM: "xterm" },
    size: { rows: 24, cols: 80 },
    ...request,
  }));
}

/** Starts bash with a script on a terminal. */
export function script(text: string, request: Partial<TerminalSpawnRequest> = {}): TerminalProcess {
  return spawn({ program: "/bin/bash", argv0: "bash", args: ["-c", text], ...request });
}

/** A program on a terminal, and what it has printed and nobody has looked at yet. */
export class TerminalProcess {
  readonly child: ChildProcess;
  #decoder = new TextDecoder();
  #unseen = "";

  constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Reads once. */
  async read(maxBytes = 65_536): Promise<Uint8Array | null> {
    return await this.child.outputs[0]!.source.read(maxBytes);
  }

  /** Reads until this text has come, and returns everything up to it. */
  async until(text: string): Promise<string> {
    for (;;) {
      const at = this.#unseen.indexOf(text);
      if (at >= 0) {
        const seen = this.#unseen.slice(0, at + text.length);
        this.#unseen = this.#unseen.slice(seen.length);
        return seen;
      }
      const bytes = await this.read();
      if (bytes === null) throw new Error(`The end came before ${JSON.stringify(text)}: ${this.#unseen}`);
      this.#unseen += this.#decoder.decode(bytes, { stream: true });
    }
  }

  /** Reads to the end, and returns everything, with line ends as the program wrote them. */
  async rest(): Promise<string> {
    let text = this.#unseen;
    for (let bytes = await this.read(); bytes; bytes = await this.read()) {
      text += this.#decoder.decode(bytes, { stream: true });
    }
    return text.replaceAll("\r\n", "\n");
  }

  /** Reads to the end and counts. */
  async countRest(): Promise<number> {
    let count = 0;
    for (let bytes = await this.read(); bytes; bytes = await this.read()) count += bytes.length;
    return count;
  }

  async type(text: string): Promise<void> {
    await this.child.stdin!.write(new TextEncoder().encode(text));
  }

  /** Gives up on it; closing the terminal hangs up on its programs. */
  async close(): Promise<Pick<ExitStatus, "code" | "signal">> {
    this.child.outputs[0]!.source.cancel();
    await this.child.stdin!.close();
    return await exitOf(this.child);
  }
}

/** Resolves once the process waits for something and has done so without a change for a while. */
export async function blocked(pid: number): Promise<void> {
  let before = "";
  for (let equal = 0; equal < 5;) {
    await wait(20);
    const { written, state } = progress(pid);
    equal = state === "S" && before === String(written) ? equal + 1 : 0;
    before = String(written);
  }
}

/** How a process stands: its state as `ps` shows it, and the bytes it has written in its life. */
export function progress(pid: number): { state: string; written: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return {
    state: stat.slice(stat.lastIndexOf(")") + 2)[0]!,
    written: Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "latin1"))![1]),
  };
}

/** Threads of this process. */
export function threads(): number {
  return readdirSync("/proc/self/task").length;
}

/** Open descriptors of this process. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Milliseconds of processor time that this process takes while it waits. */
export async function processorTime(ms: number): Promise<number> {
  const before = process.cpuUsage();
  await wait(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
