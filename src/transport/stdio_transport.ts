import { INCOMING_MESSAGE_BYTES } from "../limits.ts";
import { decodeLeniently, LineSplitter } from "./line_splitter.ts";
import { LineWriter } from "./line_writer.ts";
import type { Connector, Transport, TransportHandlers } from "./transport.ts";

/** A started server command, by its pipes. What starts it is handed in: a runtime's, or a backend's. */
export interface ServerPipes {
  /** The next bytes of its stdout; null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Writes all bytes to its stdin. Calls are made one after the other. */
  write(bytes: Uint8Array): Promise<void>;
  /** How it ended, as far as is known, to follow a sentence about its end. */
  explainEnd?(): string;
  /** Ends it. */
  close(): void;
}

/**
 * A server that is a command, such as `exec-server serve --listen stdio`, or the same behind `ssh HOST`: one JSON
 * message a line. Its session ends with it, so there is nothing to resume.
 *
 * @param open starts the command
 */
export function stdioConnector(open: () => Promise<ServerPipes> | ServerPipes): Connector {
  return { resumable: false, connect: async () => new StdioTransport(await open()) };
}

class StdioTransport implements Transport {
  readonly #pipes: ServerPipes;
  readonly #lines = new LineSplitter(INCOMING_MESSAGE_BYTES, decodeLeniently);
  readonly #output: LineWriter;
  #handlers: TransportHandlers | undefined;
  #closed = false;
  #room: (() => void) | undefined;
  #reading = true;

  constructor(pipes: ServerPipes) {
    this.#pipes = pipes;
    this.#output = new LineWriter({
      write: (bytes) => pipes.write(bytes),
      onFailure: () => this.#end(`the server command takes no more input${pipes.explainEnd?.() ?? ""}`),
    });
  }

  get handlers(): TransportHandlers | undefined {
    return this.#handlers;
  }

  set handlers(handlers: TransportHandlers | undefined) {
    this.#handlers = handlers;
    this.#receive();
  }

  send(text: string): void {
    if (!this.#closed) this.#output.send(text);
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (!reading) return;
    this.#room?.();
    this.#room = undefined;
  }

  close(): void {
    this.#end("closed");
  }

  async #receive(): Promise<void> {
    for (;;) {
      if (!this.#reading) await new Promise<void>((resolve) => this.#room = resolve);
      const bytes = await this.#pipes.read().catch(() => null);
      if (this.#closed) return;
      if (bytes === null) return this.#end(`the server command ended${this.#pipes.explainEnd?.() ?? ""}`);
      for (const line of this.#lines.push(bytes)) {
        if (line.kind === "tooLong") return this.#end("the server command sent a line without end");
        if (line.text.trim() !== "") this.#handlers?.onMessage(line.text);
        if (this.#closed) return;
      }
    }
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.setReading(true);
    this.#pipes.close();
    this.#handlers?.onClose(reason);
  }
}
