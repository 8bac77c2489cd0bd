import type { Readable } from "node:stream";
import { MESSAGE_BYTES } from "../limits.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { decodeStrictly, LineSplitter } from "./line_splitter.ts";
import { LineWriter, type LineWriterOptions } from "./line_writer.ts";
import type { MessageSocket, SocketHandlers } from "./message_socket.ts";

/** One client on a pair of pipes: newline-delimited JSON, blank lines skipped. */
export class StdioSocket implements MessageSocket {
  readonly peer = "stdio";
  readonly largestMessageBytes = Infinity;
  handlers: SocketHandlers | undefined;

  readonly #input: Readable;
  readonly #lines = new LineSplitter(MESSAGE_BYTES, decodeStrictly);
  readonly #output: LineWriter;
  #closed = false;

  constructor(input: Readable, write: LineWriterOptions["write"]) {
    this.#input = input;
    this.#output = new LineWriter({
      write,
      onDrain: () => this.handlers?.onDrain(),
      onFailure: () => this.terminate(),
    });
    input.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    input.on("end", () => this.terminate()).on("close", () => this.terminate()).on(
      "error",
      () => this.terminate(),
    );
  }

  get bufferedBytes(): number {
    return this.#output.queuedBytes;
  }

  send(text: string): void {
    if (!this.#closed) this.#output.send(text);
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    this.send(before + encodeBase64(bytes) + after);
  }

  /** Resolves when what was sent has been taken, or nobody takes it any more. */
  flushed(): Promise<void> {
    return this.#output.flushed();
  }

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
    this.handlers?.onClose("the pipes are closed");
  }

  #receive(chunk: Uint8Array): void {
    for (const line of this.#lines.push(chunk)) {
      if (this.#closed) return;
      if (line.kind === "tooLong") return this.terminate();
      if (line.text === undefined) this.handlers?.onGarbage("the line is not UTF-8");
      else if (/[^\t\r ]/.test(line.text)) this.handlers?.onMessage(line.text);
    }
  }
}
