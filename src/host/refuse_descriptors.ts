import { StartError } from "../native/start_error.ts";
import type { SpawnRequest } from "./child_process.ts";

/**
 * For runtimes that give a child no more than its standard streams.
 *
 * @throws {StartError} for a child that is to have more
 */
export function refuseDescriptors({ descriptors = [] }: SpawnRequest): void {
  if (descriptors.length === 0) return;
  throw new StartError(
    "other",
    "descriptors: this system or runtime gives a process none beyond 2; use a server on Linux or macOS, on Deno or Bun",
  );
}
