import type { OutputEvent } from "../log/process_event.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { type CastHeader, type CastState, CastWriter } from "./cast_writer.ts";

/** A piece of a process's output. */
export type RecordedOutput = Pick<OutputEvent, "seq" | "stream" | "bytes" | "atMs">;

/** How far the recording of a process is. */
export interface ProcessCastState {
  /** The event that comes next. */
  readonly seq: number;
  /** The event whose size stands in it already. */
  readonly sizedTo: number;
  readonly cast: CastState;
}

/** Writes what a process did into a recording: its output, its terminal's sizes in their places, and what is missing. */
export class ProcessCast {
  readonly writer: CastWriter;
  /** How many times output was missing. */
  gaps = 0;
  readonly #process: ManagedProcess;
  #seq: number;
  #sizedTo: number;
  /** The size that it has told last, as far as this one knows. */
  #size: TerminalSize | undefined;

  /** @param size the size that stands in it, where it may be told once more */
  constructor(
    process: ManagedProcess,
    { seq, sizedTo, cast }: ProcessCastState,
    write: (line: string) => void,
    size?: TerminalSize,
  ) {
    this.#process = process;
    this.#size = size;
    this.#seq = seq;
    this.#sizedTo = sizedTo;
    this.writer = new CastWriter(cast, write);
  }

  /** How far it is: another one goes on from there. */
  get state(): ProcessCastState {
    return { seq: this.#seq, sizedTo: this.#sizedTo, cast: this.writer.state };
  }

  /** What comes on a descriptor is nothing that a person sees. */
  output({ seq, stream, bytes, atMs = 0 }: RecordedOutput): void {
    this.#tellGap(seq, atMs);
    this.#tellSizes(seq);
    this.#seq = seq + 1;
    if (!isDescriptorStream(stream)) this.writer.output(atMs, stream, bytes);
  }

  /** Ends it with an event: with the exit, where that was by then. */
  end(lastSeq: number): void {
    const { exited } = this.#process.log;
    this.#tellSizes(lastSeq + 1);
    const hasExited = exited !== undefined && exited.seq <= lastSeq;
    this.writer.end(exited?.atMs ?? 0, hasExited ? exited.exitCode : null);
  }

  /** The exit is an event without output. */
  #tellGap(seq: number, atMs: number): void {
    const [from, to] = [this.#seq, seq - 1];
    if (from > to || (from === to && this.#process.log.exited?.seq === from)) return;
    this.gaps++;
    this.writer.marker(atMs, `gap: events ${from} to ${to}`);
  }

  #tellSizes(seq: number): void {
    const changes = this.#process.sizes?.between(this.#sizedTo, seq) ?? [];
    for (const { atMs, size } of changes) {
      if (size.cols !== this.#size?.cols || size.rows !== this.#size.rows) this.writer.resize(atMs, size);
      this.#size = size;
    }
    this.#sizedTo = Math.max(seq, this.#sizedTo);
  }
}

/** What the recording of a process says of it that begins at a time, and at a size of its terminal. */
export function castHeader(
  { startedAtMs, tty, name }: ManagedProcess,
  size: TerminalSize | undefined,
  startMs: number,
): CastHeader {
  return {
    size: castSize(size),
    timestamp: Math.floor((startedAtMs + startMs) / 1000),
    term: castTerm(tty),
    title: name,
  };
}

/** The size of what is shown: behind pipes there is none, and players need one. */
export function castSize(size: TerminalSize | undefined): TerminalSize {
  return size ?? { rows: 24, cols: 80 };
}

/** The kind of a terminal; undefined behind pipes, by which a reader tells both apart. */
export function castTerm(tty: boolean): string | undefined {
  return tty ? "xterm-256color" : undefined;
}
