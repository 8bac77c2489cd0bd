import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openFunctions } from "./libc.ts";

/** Collects all garbage, and gives what the allocator keeps for later back to the system. */
export async function releaseMemory(): Promise<void> {
  collect ??= garbageCollector();
  collect();
  trim ??= allocatorTrim();
  await trim();
}

let collect: (() => void) | undefined;
let trim: (() => Promise<unknown>) | undefined;

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** glibc's `malloc_trim`; other C libraries have none, or need none. */
function allocatorTrim(): () => Promise<unknown> {
  const libc = openFunctions({ malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true } });
  return libc ? () => libc.malloc_trim(0n) : () => Promise.resolve();
}
