import { readFile } from "node:fs/promises";
import { endianness } from "node:os";

/** In what the kernel counts for this program. */
export interface KernelUnits {
  /** Milliseconds of one tick of processor time. */
  readonly tickMs: number;
  /** Bytes of one page of memory. */
  readonly pageBytes: number;
}

/** Numbers of entries in what the kernel hands to a program that it starts. */
const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** Asks the kernel: on some processors a page has 16 or 64 KiB. */
export async function kernelUnits(): Promise<KernelUnits> {
  try {
    return unitsIn(await readFile("/proc/self/auxv"));
  } catch {
    return unitsIn(new Uint8Array()); // A program that may not be traced may not read it either.
  }
}

/** @param vector pairs of 64-bit numbers: what an entry is, and its value */
export function unitsIn(vector: Uint8Array): KernelUnits {
  const view = new DataView(vector.buffer, vector.byteOffset, vector.byteLength);
  const isLittle = endianness() === "LE";
  let pageBytes = 4096;
  let ticksPerSecond = 100;
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    const kind = view.getBigUint64(at, isLittle);
    const value = Number(view.getBigUint64(at + 8, isLittle));
    if (kind === AT_PAGESZ) pageBytes = value;
    if (kind === AT_CLKTCK) ticksPerSecond = value;
  }
  return { tickMs: 1000 / ticksPerSecond, pageBytes };
}
