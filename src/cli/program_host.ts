import type { Host } from "../host/host.ts";
import type { HttpRuntime } from "../transport/listener.ts";

/** The host of the command line, which also listens and has standard streams. `main.ts` picks it. */
export interface ProgramHost extends Host {
  /** The runtime that this program runs on. */
  readonly name: "deno" | "bun" | "node";
  readonly version: string;
  readonly http: HttpRuntime;
  readonly writeStandard: WriteStandard;
  /** Asks for the threads that calls which may wait are counted on to have, where the runtime has fewer; before the first. */
  readonly askForThreads?: (command: string | undefined) => void;
}

/**
 * Writes all bytes to this program's own standard output or error, in the order of the calls. While their reader is slow,
 * nothing else is held up.
 *
 * @throws {Error} with the operating system's `code`, such as `"EPIPE"` when the reader is gone
 */
export type WriteStandard = (stream: "stdout" | "stderr", bytes: Uint8Array) => Promise<void>;
