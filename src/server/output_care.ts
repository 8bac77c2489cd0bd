import { setTimeout as pause } from "node:timers/promises";
import { PackedOutput } from "../log/packed_output.ts";
import type { ProcessRegistry } from "../process/process_registry.ts";
import type { Spool } from "../spool/spool.ts";
import { unref } from "../unref.ts";

/** Lets the output of all processes to come go to disk that memory has no room for, for as long as they are known. */
export function spoolOutput(processes: ProcessRegistry, spool: Spool): void {
  processes.managed.add((process) => {
    const own = process.spool = spool.follow(process.handle, process.log);
    process.forgotten.add(() => spool.forget(own));
    if (spool.keepMs === undefined) return;
    void process.closed.then(() => unref(setTimeout(() => spool.forget(own), spool.keepMs)));
  });
}

/** Compresses what memory holds of the output of all processes. */
export async function packOutput(processes: ProcessRegistry): Promise<void> {
  for (const { log } of processes.values()) {
    const began = performance.now();
    await log.pack(PackedOutput.of);
    const took = performance.now() - began;
    // Deno compresses on this thread, and lets nobody else have a turn: whoever came meanwhile goes first.
    if (took >= 1) await pause(took, undefined, { ref: false });
  }
}
