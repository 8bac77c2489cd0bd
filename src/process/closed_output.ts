import { CLOSED_OUTPUT_BYTES } from "../limits.ts";
import type { ManagedProcess } from "./managed_process.ts";

/** What the closed processes of all sessions keep of their output: a bound for all of them together. */
export class ClosedOutput {
  /** Bytes that each kept when it closed, the one that closed first in front. */
  readonly #bytes = new Map<ManagedProcess, number>();
  #total = 0;

  /** One more has closed. Where that is too much, the first ones lose what everybody has received who is to. */
  add(process: ManagedProcess): void {
    const { retainedBytes } = process.log;
    if (retainedBytes === 0) return;
    this.#bytes.set(process, retainedBytes);
    this.#total += retainedBytes;
    process.forgotten.add(() => this.#remove(process));
    if (this.#total > CLOSED_OUTPUT_BYTES) this.#trim();
  }

  #trim(): void {
    for (const process of this.#bytes.keys()) {
      if (drop(process)) this.#remove(process);
      if (this.#total <= CLOSED_OUTPUT_BYTES) return;
    }
  }

  #remove(process: ManagedProcess): void {
    this.#total -= this.#bytes.get(process) ?? 0;
    this.#bytes.delete(process);
  }
}

/** Drops a process's output from memory, or lets it go to disk; false where somebody holds some of it. */
function drop({ log, spool }: ManagedProcess): boolean {
  if (!spool) return log.dropOutput();
  if (log.isHeld) return false;
  void spool.writeRest().then(() => log.dropOutput());
  return true;
}
