import { appendFile, type FileHandle, open, rm } from "node:fs/promises";
import { concat } from "../std/bytes/concat.ts";
import { SPOOL_READ_BYTES } from "../limits.ts";
import type { OutputEvent } from "../log/process_event.ts";

/** What is read back of a process's output. */
export type SpooledOutput = Pick<OutputEvent, "seq" | "stream" | "bytes" | "atMs">;

/** By their numbers in a file; that of a descriptor is its own, which is beyond 2. */
const streams: readonly OutputEvent["stream"][] = ["stdout", "stderr", "pty"];
/** The length of the bytes, the number of the stream, the event's, and its time, before the bytes. */
const headBytes = 4 + 1 + 8 + 8;

/** Where one write began, and with which event. */
interface SegmentWrite {
  readonly seq: number;
  readonly atMs: number;
  readonly position: number;
}

/** Where to read from. */
export interface SpoolPlace {
  /** From this event on. */
  readonly fromSeq: number;
  /** What came so many milliseconds after the process's start, or later. */
  readonly sinceMs?: number | undefined;
}

/**
 * A file with some of a process's output in its order. It is opened for every write and read: a server with thousands of
 * processes has no descriptors for their files.
 */
export class Segment {
  readonly path: string;
  readonly firstSeq: number;
  /** The seq behind its last event. */
  nextSeq: number;
  /** Bytes of it that are whole: a write that failed may have left more. */
  bytes = 0;
  readonly #writes: SegmentWrite[] = [];
  /** When its last event came. */
  #lastMs = 0;

  constructor(path: string, firstSeq: number) {
    this.path = path;
    this.firstSeq = this.nextSeq = firstSeq;
  }

  /** @throws {Error} the operating system's, such as on a full disk; what was there before is whole */
  async append(events: readonly OutputEvent[]): Promise<void> {
    const bytes = concat(events.flatMap((event) => [headOf(event), event.bytes]));
    // Nobody else may read it, and nothing that is there already is written to.
    await appendFile(this.path, bytes, { mode: 0o600, flag: this.bytes === 0 ? "ax" : "a" });
    const { seq, atMs = 0 } = events[0]!;
    this.#writes.push({ seq, atMs, position: this.bytes });
    this.#lastMs = events.at(-1)!.atMs ?? 0;
    this.bytes += bytes.length;
    this.nextSeq = events.at(-1)!.seq + 1;
  }

  /** Whether it has output from an event and a time on. */
  has({ fromSeq, sinceMs = 0 }: SpoolPlace): boolean {
    return fromSeq < this.nextSeq && sinceMs <= this.#lastMs;
  }

  /** Output from a place on, at least one event of what there is and not many more bytes than were asked for. */
  async read({ fromSeq, sinceMs = 0 }: SpoolPlace, maxBytes: number): Promise<SpooledOutput[]> {
    const start = this.#writes.findLast(({ seq, atMs }) => seq <= fromSeq || atMs < sinceMs) ??
      this.#writes[0];
    if (!start) return [];
    const file = await open(this.path);
    try {
      const found: SpooledOutput[] = [];
      let size = 0;
      for await (const event of this.#eventsFrom(file, start.position)) {
        if (event.seq < fromSeq || event.atMs! < sinceMs) continue;
        if (found.length > 0 && size + event.bytes.length > maxBytes) break;
        found.push(event);
        size += event.bytes.length;
      }
      return found;
    } finally {
      await file.close();
    }
  }

  async *#eventsFrom(file: FileHandle, start: number): AsyncIterable<SpooledOutput> {
    for (let position = start; position < this.bytes;) {
      const part = new Uint8Array(Math.min(SPOOL_READ_BYTES, this.bytes - position));
      const { bytesRead } = await file.read(part, 0, part.length, position);
      const { events, used } = parse(part.subarray(0, bytesRead));
      if (used === 0) return; // It was cut short behind this program's back.
      position += used;
      yield* events;
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

function headOf({ seq, stream, bytes, atMs = 0 }: OutputEvent): Uint8Array {
  const head = new DataView(new ArrayBuffer(headBytes));
  head.setUint32(0, bytes.length);
  head.setUint8(4, numberOf(stream));
  head.setBigUint64(5, BigInt(seq));
  head.setFloat64(13, atMs);
  return new Uint8Array(head.buffer);
}

function numberOf(stream: OutputEvent["stream"]): number {
  const number = streams.indexOf(stream);
  return number < 0 ? Number(stream.slice("fd".length)) : number;
}

function streamOf(number: number): OutputEvent["stream"] {
  return streams[number] ?? `fd${number}`;
}

/** The whole events at the beginning of some bytes, and how many bytes they are. */
function parse(bytes: Uint8Array): { events: SpooledOutput[]; used: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const events: SpooledOutput[] = [];
  let at = 0;
  while (at + headBytes <= bytes.length) {
    const end = at + headBytes + view.getUint32(at);
    if (end > bytes.length) break;
    events.push({
      seq: Number(view.getBigUint64(at + 5)),
      atMs: view.getFloat64(at + 13),
      stream: streamOf(view.getUint8(at + 4)),
      bytes: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return { events, used: at };
}
