import { closeSync } from "node:fs";
import { loadCFunctions } from "./c_functions.ts";

/**
 * A pipe of the kernel for one of a child's standard streams. What Bun makes for them are pairs of sockets, which a
 * program cannot open anew under the names `/dev/stdin`, `/dev/stdout` and `/dev/stderr`, and which are slower.
 */
export interface KernelPipe {
  /** Descriptor of the end to read from. */
  readonly read: number;
  /** Descriptor of the end to write to. */
  readonly write: number;
}

/** A new pipe, or undefined where there is none to be had. A child is given no descriptor but the ones named to it. */
export function openPipe(): KernelPipe | undefined {
  pipe ??= loadPipe();
  const ends = new Int32Array(2);
  if (pipe(new Uint8Array(ends.buffer)) !== 0) return undefined;
  return { read: ends[0]!, write: ends[1]! };
}

/** Closes descriptors. */
export function closeAll(...descriptors: (number | undefined)[]): void {
  for (const descriptor of descriptors) if (descriptor !== undefined) closeSync(descriptor);
}

/** The C library's `pipe`, once it was needed. */
let pipe: ((ends: Uint8Array) => number) | undefined;

function loadPipe(): (ends: Uint8Array) => number {
  return loadCFunctions(["pipe"])?.pipe ?? (() => -1);
}
