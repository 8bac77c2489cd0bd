import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import type { WireMessage } from "./wire.ts";

/** The answer to `process/read`. */
export interface ReadAnswer {
  readonly chunks: readonly { readonly seq: number; readonly stream: string; readonly chunk: string }[];
  readonly nextSeq: number;
  readonly exited: boolean;
  readonly exitCode: number | null;
  readonly closed: boolean;
}

/**
 * Everything a client has learned of a process, put together from what was pushed on any number of connections and from
 * what was read. It insists that nothing is pushed twice and that an event is the same wherever it comes from.
 */
export class ProcessRecord {
  readonly processId: string;
  /** Resolves when the process is known to be closed and nothing before that is missing. */
  readonly complete: Promise<void>;
  exitCode: number | null = null;
  /** Bytes of output so far. */
  received = 0;
  readonly #complete = Promise.withResolvers<void>();
  readonly #outputs = new Map<number, { stream: string; bytes: Uint8Array }>();
  readonly #others = new Set<number>();
  readonly #pushed = new Set<number>();
  #last = 0;
  #closedSeq = Infinity;

  constructor(processId: string) {
    this.processId = processId;
    this.complete = this.#complete.promise;
  }

  /** The last event before the first that is missing. */
  get lastSeq(): number {
    return this.#last;
  }

  /** How many output events there are. */
  get outputs(): number {
    return this.#outputs.size;
  }

  /** Takes a notification, if it is of this process. */
  push({ method, params }: WireMessage): void {
    if (params?.processId !== this.processId) return;
    const { seq } = params;
    assert.ok(!this.#pushed.has(seq), `event ${seq} is pushed twice`);
    this.#pushed.add(seq);
    if (method === "process/output") return this.#output(seq, params.stream, params.chunk);
    this.#others.add(seq);
    if (method === "process/exited") this.exitCode = params.exitCode;
    if (method === "process/closed") this.#closedSeq = seq;
    this.#advance();
  }

  /** Takes the answer to a read of everything after an event. */
  merge({ chunks, nextSeq, exited, exitCode, closed }: ReadAnswer, afterSeq: number): void {
    for (const { seq, stream, chunk } of chunks) this.#output(seq, stream, chunk);
    // What is not output is the exit or the close, which a read tells by flags only.
    const others = [];
    for (let seq = afterSeq + 1; seq < nextSeq; seq++) if (!this.#outputs.has(seq)) others.push(seq);
    assert.ok(others.length <= Number(exited) + Number(closed), `events ${others} are no longer retained`);
    for (const seq of others) this.#others.add(seq);
    if (exited) this.exitCode = exitCode;
    if (closed) this.#closedSeq = nextSeq - 1;
    this.#advance();
  }

  /** The bytes of a stream. */
  bytes(stream: string): Uint8Array {
    const parts = [...this.#outputs].filter(([, output]) => output.stream === stream).sort(([a], [b]) =>
      a - b
    );
    return concat(parts.map(([, { bytes }]) => bytes));
  }

  #output(seq: number, stream: string, chunk: string): void {
    const bytes = Uint8Array.fromBase64(chunk);
    const known = this.#outputs.get(seq);
    if (known) {
      assert.ok(
        known.stream === stream && known.bytes.toBase64() === chunk,
        `event ${seq} is told in two ways`,
      );
      return;
    }
    assert.ok(bytes.length > 0, `event ${seq} is empty`);
    assert.ok(!this.#others.has(seq), `event ${seq} is two things`);
    this.#outputs.set(seq, { stream, bytes });
    this.received += bytes.length;
    this.#advance();
  }

  #advance(): void {
    while (this.#outputs.has(this.#last + 1) || this.#others.has(this.#last + 1)) this.#last++;
    if (this.#last < this.#closedSeq) return;
    assert.equal(this.#last, this.#closedSeq, "nothing comes after closed");
    this.#complete.resolve();
  }
}
