import { openFiles } from "../../tests/support/proc.ts";
import type { Random } from "./random.ts";
import { rest } from "./weather.ts";

/** Milliseconds between two shortages, and of one. */
const APART_MS = { least: 4_000, most: 15_000 };
const LASTS_MS = { least: 200, most: 3_000 };
/** Milliseconds after a shortage in which a call that met it may still be answered. */
const AFTERMATH_MS = 10_000;

/** Takes a server's free descriptors away now and then, and gives them back. */
export class Shortage {
  count = 0;
  readonly ended: Promise<void>;
  readonly #pid: number;
  #lastAt = -Infinity;
  #lasts = false;

  constructor(pid: number, random: Random, signal: AbortSignal) {
    this.#pid = pid;
    this.ended = this.#take(random, signal);
  }

  /** Whether something that began then, and failed just now, can have met a shortage. */
  touched(since: number): boolean {
    return this.#lasts || this.#lastAt + AFTERMATH_MS > since;
  }

  async #take(random: Random, signal: AbortSignal): Promise<void> {
    const before = await limitOf(this.#pid);
    while (!signal.aborted) {
      await rest(random.integer(APART_MS.least, APART_MS.most), signal);
      if (signal.aborted) return;
      this.count++;
      this.#lasts = true;
      await setLimit(this.#pid, `${openFiles(this.#pid) + random.integer(0, 8)}:`);
      await rest(random.integer(LASTS_MS.least, LASTS_MS.most), signal);
      await setLimit(this.#pid, `${before}:`);
      this.#lasts = false;
      this.#lastAt = performance.now();
    }
  }
}

async function limitOf(pid: number): Promise<string> {
  const text = await Deno.readTextFile(`/proc/${pid}/limits`);
  return /^Max open files\s+(\S+)/m.exec(text)![1]!;
}

/** @param limit the soft limit, and a colon: the hard one stays */
async function setLimit(pid: number, limit: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("prlimit", {
    args: ["--pid", String(pid), `--nofile=${limit}`],
  }).output();
  // A server that is gone is reported by whoever needs it.
  if (!success && await exists(pid)) throw new Error(`prlimit: ${new TextDecoder().decode(stderr)}`);
}

async function exists(pid: number): Promise<boolean> {
  return await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}
