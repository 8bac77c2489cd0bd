import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { MESSAGE_BYTES } from "../limits.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import type { MessageSocket, SocketHandlers } from "./message_socket.ts";

/**
 * Where the answers go. Resolves when all bytes are taken; nothing else is held up meanwhile.
 *
 * @throws when nobody takes them any more
 */
export type WriteAnswers = (bytes: Uint8Array) => Promise<void>;

/** One client on a pair of pipes: newline-delimited JSON, blank lines skipped. */
export class StdioSocket implements MessageSocket {
  readonly peer = "stdio";
  readonly largestMessageBytes = Infinity;
  readonly hasPings = false;
  handlers: SocketHandlers | undefined;

  readonly #input: Readable;
  readonly #write: WriteAnswers;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;
  readonly #parts: Uint8Array[] = [];
  #partBytes = 0;
  #closed = false;

  constructor(input: Readable, write: WriteAnswers) {
    this.#input = input;
    this.#write = write;
    input.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    input.on("end", () => this.terminate()).on("close", () => this.terminate()).on(
      "error",
      () => this.terminate(),
    );
  }

  get bufferedBytes(): number {
    return this.#queuedBytes;
  }

  send(text: string): void {
    if (this.#closed) return;
    const bytes = Buffer.from(text + "\n");
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#flushing ??= this.#flush();
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    this.send(before + encodeBase64(bytes) + after);
  }

  /** Resolves when what was sent has been taken, or nobody takes it any more. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  ping(): void {}

  setReading(reading: boolean): void {
    if (reading) this.#input.resume();
    else this.#input.pause();
  }

  close(): void {
    this.terminate();
  }

  terminate(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.destroy();
    this.handlers?.onClose();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const bytes = Buffer.concat(this.#queue.splice(0));
        await this.#write(bytes);
        this.#queuedBytes -= bytes.length;
        this.handlers?.onDrain();
      }
    } catch {
      this.terminate();
    } finally {
      this.#flushing = undefined;
    }
  }

  #receive(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.#parts.push(chunk.subarray(start, end));
      this.#line();
      if (this.#closed) return;
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#parts.push(chunk.slice(start));
    this.#partBytes += chunk.length - start;
    if (this.#partBytes > MESSAGE_BYTES) this.terminate();
  }

  #line(): void {
    const line = this.#decode();
    if (line === undefined) this.handlers?.onGarbage("the line is not UTF-8");
    else if (/[^\t\r ]/.test(line)) this.handlers?.onMessage(line);
  }

  /** The text of the parts, or undefined where they are no UTF-8. */
  #decode(): string | undefined {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const parts = this.#parts.splice(0);
    this.#partBytes = 0;
    try {
      return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
    } catch {
      return undefined;
    }
  }
}
