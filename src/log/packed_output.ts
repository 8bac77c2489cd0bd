import { concat } from "../std/bytes/concat.ts";
import { promisify } from "node:util";
import { constants, deflateRaw, inflateRawSync } from "node:zlib";
import { PACK_LEAST_BYTES } from "../limits.ts";

import type { LogEvent } from "./process_event.ts";
import type { PackedEvents } from "./retained_events.ts";

const deflate = promisify(deflateRaw);

/** Events whose output is compressed: what a log holds of a process that has ended, until somebody reads it again. */
export class PackedOutput implements PackedEvents {
  readonly #shells: readonly { readonly event: LogEvent; readonly length: number }[];
  readonly #packed: Uint8Array;

  private constructor(events: readonly LogEvent[], packed: Uint8Array) {
    this.#shells = events.map((event) =>
      event.kind === "output"
        ? { event: { ...event, bytes: nothing }, length: event.bytes.length }
        : { event, length: 0 }
    );
    this.#packed = new Uint8Array(packed); // Without the spare room of the compressor's buffer.
  }

  /** Compresses the output of some events, off this thread; undefined where that would save too little. */
  static async of(events: readonly LogEvent[]): Promise<PackedOutput | undefined> {
    const bytes = concat(events.map((event) => event.kind === "output" ? event.bytes : nothing));
    if (bytes.length < PACK_LEAST_BYTES) return undefined;
    const packed = await deflate(bytes, { level: constants.Z_BEST_SPEED });
    return packed.length * 2 > bytes.length ? undefined : new PackedOutput(events, packed);
  }

  get count(): number {
    return this.#shells.length;
  }

  unpack(): LogEvent[] {
    const bytes = new Uint8Array(inflateRawSync(this.#packed));
    let at = 0;
    return this.#shells.map(({ event, length }) =>
      event.kind === "output" ? { ...event, bytes: bytes.subarray(at, at += length) } : event
    );
  }
}

const nothing = new Uint8Array(0);
