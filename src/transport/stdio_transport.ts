import { MESSAGE_BYTES } from "../limits.ts";
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
  #handlers: TransportHandlers | undefined;
  #written: Promise<void> = Promise.resolve();
  #closed = false;
  #room: (() => void) | undefined;
  #reading = true;

  constructor(pipes: ServerPipes) {
    this.#pipes = pipes;
  }

  get handlers(): TransportHandlers | undefined {
    return this.#handlers;
  }

  set handlers(handlers: TransportHandlers | undefined) {
    this.#handlers = handlers;
    this.#receive();
  }

  send(text: string): void {
    if (this.#closed) return;
    const bytes = new TextEncoder().encode(text + "\n");
    this.#written = this.#written.then(() => this.#pipes.write(bytes)).catch(() =>
      this.#end(`the server command takes no more input${this.#pipes.explainEnd?.() ?? ""}`)
    );
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
    const decoder = new TextDecoder();
    /** Pieces of the line that is not complete yet. */
    let pieces: string[] = [];
    let chars = 0;
    for (;;) {
      if (!this.#reading) await new Promise<void>((resolve) => this.#room = resolve);
      const bytes = await this.#pipes.read().catch(() => null);
      if (this.#closed) return;
      if (bytes === null) return this.#end(`the server command ended${this.#pipes.explainEnd?.() ?? ""}`);
      const [first = "", ...lines] = decoder.decode(bytes, { stream: true }).split("\n");
      pieces.push(first);
      chars += first.length;
      for (const next of lines) {
        const line = pieces.join("").trim();
        pieces = [next];
        chars = next.length;
        if (line !== "") this.#handlers?.onMessage(line);
        if (this.#closed) return;
      }
      if (chars > MESSAGE_BYTES * 8) return this.#end("the server command sent a line without end");
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
