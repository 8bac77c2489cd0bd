import type { EventsOptions } from "../log/log_cursor.ts";
import type { ProcessEvent } from "../log/process_event.ts";
import { descriptorStream } from "../protocol/descriptor_streams.ts";
import type { DescriptorKind } from "../protocol/schemas/descriptors.ts";
import { ConnectionError } from "../transport/transport.ts";
import type { DescriptorRequest } from "./descriptors_request.ts";
import { refusedError } from "./machine_error.ts";
import type { WriteStatus } from "./write_status.ts";

/** A descriptor of a process beyond 2, as a stream. */
export interface ProcessDescriptor extends AsyncIterable<Uint8Array> {
  readonly fd: number;
  readonly kind: DescriptorKind;

  /**
   * What the process writes to it, from the beginning to when the process has closed. The same bytes come as events of the
   * stream `fd3` and so on. The process waits for this reader, who is there from the call on: call it before others are
   * read to their end, and leave its loop or `return()` it where it is not read to its own.
   *
   * @throws {ServerError} EREFUSED for one that the process only reads
   */
  output(): AsyncIterableIterator<Uint8Array>;

  /**
   * Writes to it, after everything that was written to it before. Resolves when there is room for more. Bytes that the
   * process does not want any more are accepted and dropped.
   *
   * @throws {ServerError} EREFUSED for one that the process only writes to, and for another client's process
   */
  write(bytes: Uint8Array | string): Promise<WriteStatus>;

  /**
   * Lets the process read to the end, after everything that was written. It may go on writing.
   *
   * @throws {ServerError} EREFUSED for one that the process only writes to, and for another client's process
   */
  close(): Promise<Exclude<WriteStatus, "starting">>;

  /** See {@linkcode ProcessDescriptor.output}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>;
}

/** How the descriptors of a process are reached. */
export interface DescriptorWay {
  readonly process: {
    readonly processId: string;
    events(options?: EventsOptions): AsyncIterableIterator<ProcessEvent>;
  };
  write(fd: number, bytes: Uint8Array | string): Promise<WriteStatus>;
  close(fd: number): Promise<Exclude<WriteStatus, "starting">>;
}

/**
 * The descriptor of a number.
 *
 * @throws {ServerError} EREFUSED for one that the process has not
 */
export function processDescriptor(
  way: DescriptorWay,
  given: readonly DescriptorRequest[],
  fd: number,
): ProcessDescriptor {
  const kind = given.find((descriptor) => descriptor.fd === fd)?.kind;
  if (kind === undefined) {
    throw refusedError(`process ${way.process.processId} was given no descriptor ${fd}: start it with one`);
  }
  return new Descriptor(way, fd, kind);
}

class Descriptor implements ProcessDescriptor {
  readonly fd: number;
  readonly kind: DescriptorKind;
  readonly #way: DescriptorWay;

  constructor(way: DescriptorWay, fd: number, kind: DescriptorKind) {
    this.fd = fd;
    this.kind = kind;
    this.#way = way;
  }

  output(): AsyncIterableIterator<Uint8Array> {
    if (this.kind === "input") throw this.#is("only read by it: write() to it");
    return new DescriptorOutput(this.#way.process.events({ lossless: true }), this.fd);
  }

  async write(bytes: Uint8Array | string): Promise<WriteStatus> {
    if (this.kind === "output") throw this.#is("only written to by it: read output()");
    return await this.#way.write(this.fd, bytes);
  }

  async close(): Promise<Exclude<WriteStatus, "starting">> {
    if (this.kind === "output") throw this.#is("only written to by it: there is nothing to close");
    return await this.#way.close(this.fd);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.output();
  }

  #is(what: string) {
    return refusedError(`descriptor ${this.fd} of process ${this.#way.process.processId} is ${what}`);
  }
}

/** One stream out of a process's events. */
class DescriptorOutput implements AsyncIterableIterator<Uint8Array> {
  readonly #events: AsyncIterableIterator<ProcessEvent>;
  readonly #fd: number;

  constructor(events: AsyncIterableIterator<ProcessEvent>, fd: number) {
    this.#events = events;
    this.#fd = fd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const { value: event, done } = await this.#events.next();
      if (done) return { value: undefined, done };
      if (event.kind === "failed") throw new ConnectionError(event.message);
      if (event.kind === "gap") {
        await this.return();
        throw new Error(`Output of descriptor ${this.#fd} is missing: its reader came too late`);
      }
      if (event.kind !== "output" || event.stream !== descriptorStream(this.#fd)) continue;
      return { value: event.bytes, done: false };
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#events.return?.();
    return { value: undefined, done: true };
  }
}
