import type { MachineRuntime } from "../machine/machine_runtime.ts";
import type { DescriptorReserve } from "../server/descriptor_reserve.ts";
import type { HttpRuntime } from "../transport/listener.ts";

/** What the program needs of the runtime it runs on. `main.ts` picks it. */
export interface Runtime extends MachineRuntime {
  readonly name: "deno" | "bun";
  readonly version: string;
  readonly http: HttpRuntime;
  readonly writeStandard: WriteStandard;
  /** Asks for the threads that calls which may wait are counted on to have, where the runtime has fewer; before the first. */
  readonly askForThreads?: (command: string | undefined) => void;
  /** The descriptors of this program that are kept back, where they can be counted. */
  readonly descriptors?: () => DescriptorReserve | undefined;
  /** Gives unused memory back to the system. It stops this program for tens of milliseconds. */
  readonly releaseMemory?: () => Promise<void> | void;
}

/**
 * Writes all bytes to this program's own standard output or error, in the order of the calls. While their reader is slow,
 * nothing else is held up.
 *
 * @throws {Error} with the operating system's `code`, such as `"EPIPE"` when the reader is gone
 */
export type WriteStandard = (stream: "stdout" | "stderr", bytes: Uint8Array) => Promise<void>;
