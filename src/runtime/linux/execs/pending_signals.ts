/** Signals that a process will handle once its call has an answer. */
import { readFileSync } from "node:fs";

const SIGCHLD = 17;

/** Tells each that has come since the last look, and that it does not block. */
export class PendingSignals {
  readonly #pid: number;
  #seen = 0n;

  constructor(pid: number) {
    this.#pid = pid;
  }

  look(): number[] {
    const status = statusOf(this.#pid);
    const pending = (maskOf(status, "SigPnd") | maskOf(status, "ShdPnd")) & ~maskOf(status, "SigBlk");
    const come = pending & ~this.#seen;
    this.#seen = pending;
    return numbers(come).filter((number) => number !== SIGCHLD);
  }
}

/** Whether a signal ends a process as it stands: it neither handles, ignores nor blocks it. */
export function endsBy(pid: number, signal: number): boolean {
  const status = statusOf(pid);
  const held = maskOf(status, "SigBlk") | maskOf(status, "SigIgn") | maskOf(status, "SigCgt");
  return status !== "" && (held >> BigInt(signal - 1) & 1n) === 0n;
}

function maskOf(status: string, name: string): bigint {
  return BigInt(`0x${new RegExp(`^${name}:\\t([0-9a-f]+)$`, "m").exec(status)?.[1] ?? 0}`);
}

function numbers(mask: bigint): number[] {
  return Array.from({ length: 64 }, (_, index) => index + 1)
    .filter((number) => (mask >> BigInt(number - 1) & 1n) === 1n);
}

/** Empty for one that is gone. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
