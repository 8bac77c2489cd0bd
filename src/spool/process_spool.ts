import {
  RETAINED_OUTPUT_BYTES,
  RETAINED_OUTPUT_CHUNKS,
  SPOOL_PENDING_BYTES,
  SPOOL_WRITE_BYTES,
} from "../limits.ts";
import type { LogHold } from "../log/log_hold.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { OutputEvent } from "../log/process_event.ts";
import { Segment, type SpooledOutput, type SpoolPlace } from "./segment.ts";

/** What a process's spool asks of the one of all processes. */
export interface SpoolFolder {
  /** Bytes of one segment. */
  readonly segmentBytes: number;
  /** A path for another segment. */
  newPath(): string;
  /** A segment has so many bytes more. Some of others, or the oldest of this process, may have to go. */
  grown(spool: ProcessSpool, segment: Segment, bytes: number): void;
  /** A segment is gone. */
  shrunk(segment: Segment): void;
  /** Nothing more is written of this process. */
  failed(error: Error): void;
}

/**
 * What a log would evict, on disk. It is a place in the log that stands still while there is room in memory: a process with
 * little output has no file. A disk that is slow holds the process up, as a reader does; one that fails does not.
 */
export class ProcessSpool {
  readonly #log: OutputLog;
  readonly #folder: SpoolFolder;
  readonly #segments: Segment[] = [];
  #hold: LogHold | undefined;
  #isDisposed = false;
  /** Set while something is being written; resolves when that has ended. */
  #writing: Promise<void> | undefined;

  constructor(log: OutputLog, folder: SpoolFolder) {
    this.#log = log;
    this.#folder = folder;
    const bytes = RETAINED_OUTPUT_BYTES + SPOOL_PENDING_BYTES;
    this.#hold = log.hold(log.firstSeq - 1, { bytes, chunks: Infinity });
    log.listeners.add(this.#look);
  }

  /** The seq of the oldest output that can be read here; undefined where there is none. */
  get firstSeq(): number | undefined {
    return this.#segments[0]?.firstSeq;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether output from this event on is here, so that it need not be told as a gap. */
  has(seq: number): boolean {
    return this.#segments.some((segment) => seq < segment.nextSeq && seq >= segment.firstSeq);
  }

  /** Output from a place on; none where it is gone meanwhile. */
  async read(place: SpoolPlace, maxBytes: number): Promise<SpooledOutput[]> {
    const segment = this.#segments.find((segment) => segment.has(place));
    return await segment?.read(place, maxBytes).catch(() => []) ?? [];
  }

  /** Writes what is in memory of a process that has closed, so that it can be dropped there. */
  async writeRest(): Promise<void> {
    if (this.#isDisposed) return;
    const nextSeq = this.#segments.at(-1)?.nextSeq ?? 0;
    const rest = this.#log.read({ afterSeq: nextSeq - 1 }).chunks;
    if (rest.length === 0) return;
    this.#writing = this.#append(rest).catch((error: Error) => this.#folder.failed(error))
      .finally(() => this.#writing = undefined);
    await this.#writing;
  }

  /** Removes the oldest segment. */
  async dropOldest(): Promise<void> {
    const segment = this.#segments.shift();
    if (!segment) return;
    this.#folder.shrunk(segment);
    await segment.remove();
  }

  /** Nothing of the process is kept any more. Resolves when its files are gone. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#end();
    await this.#writing;
    while (this.#segments.length > 0) await this.dropOldest();
  }

  readonly #look = () => {
    if (this.#writing || !this.#hold) return;
    if (!this.#log.hasTooMuch) return this.#endWithLog();
    // Behind what is being appended just now: many small events make one write.
    this.#writing = Promise.resolve().then(() => this.#write());
  };

  async #write(): Promise<void> {
    try {
      for (let events = this.#due(); events.length > 0; events = this.#due()) {
        await this.#append(events);
      }
    } catch (error) {
      this.#end();
      this.#folder.failed(error as Error);
    } finally {
      this.#writing = undefined;
      this.#endWithLog();
    }
  }

  /** Nothing more is appended to a log that has closed: what is left has its room in memory. */
  #endWithLog(): void {
    if (this.#log.closed) this.#end();
  }

  async #append(events: readonly OutputEvent[]): Promise<void> {
    let segment = this.#segments.at(-1);
    if (!segment || segment.bytes >= this.#folder.segmentBytes) {
      segment = new Segment(this.#folder.newPath(), events[0]!.seq);
      this.#segments.push(segment);
    }
    const before = segment.bytes;
    await segment.append(events);
    const last = events.at(-1)!;
    this.#hold?.advance(last.seq, last.offset);
    this.#folder.grown(this, segment, segment.bytes - before);
  }

  /** The oldest output that memory has no room for, up to a write full; none once nothing more is to be written. */
  #due(): OutputEvent[] {
    const due: OutputEvent[] = [];
    if (!this.#hold) return due;
    let bytes = 0;
    for (let seq = this.#hold.seq + 1; bytes < SPOOL_WRITE_BYTES; seq++) {
      const event = this.#log.at(seq);
      if (!event) break;
      if (event.kind !== "output") continue;
      if (this.#fits(event)) break;
      due.push(event);
      bytes += event.bytes.length;
    }
    return due;
  }

  /** Whether memory has room for an event and for all that came after it, by the log's own measure. */
  #fits({ seq, offset, bytes }: OutputEvent): boolean {
    const { nextSeq, offset: end } = this.#log;
    return end - offset + bytes.length <= RETAINED_OUTPUT_BYTES && nextSeq - seq <= RETAINED_OUTPUT_CHUNKS;
  }

  #end(): void {
    this.#log.listeners.delete(this.#look);
    this.#hold?.release();
    this.#hold = undefined;
  }
}
