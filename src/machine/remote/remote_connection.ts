import type { TcpProcess } from "../../client/client.ts";
import type { RemoteProcess } from "../../client/remote_process.ts";
import { TCP_WINDOW_BYTES, TCP_WINDOW_CHUNKS, TCP_WINDOW_PARTS } from "../../limits.ts";
import type { LogCursor } from "../../log/log_cursor.ts";
import { ConnectionError } from "../../transport/transport.ts";
import type { NetworkConnection } from "../../host/network.ts";
import { refusedError } from "../machine_error.ts";
import type { AlikeClient } from "./alike_client.ts";
import { ConnectionWrites, type SharedRoom } from "./connection_writes.ts";

/** A connection to a port of a server's machine, by way of the server. */
export class RemoteConnection implements NetworkConnection {
  readonly peer: string;
  readonly #client: AlikeClient;
  readonly #process: RemoteProcess;
  readonly #events: LogCursor;
  readonly #writes: ConnectionWrites;
  /** What its reader has taken, and has not been said yet. */
  #untold = { bytes: 0, chunks: 0 };
  #isEnded = false;
  #isForgotten = false;
  readonly #forgetClosed = () => {
    if (this.#process.log.closed) this.#forget();
    else if (this.#process.log.failure !== undefined) this.#lost();
  };

  constructor(client: AlikeClient, { process, address }: TcpProcess, room: SharedRoom) {
    this.peer = address;
    this.#client = client;
    this.#process = process;
    this.#events = process.events({ lossless: true });
    this.#writes = new ConnectionWrites(client, process.id, room);
    process.log.listeners.add(this.#forgetClosed);
    this.#forgetClosed();
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#isEnded) return null;
    const { value: event } = await this.#events.next();
    switch (event?.kind) {
      case "output":
        this.#take(event.seq, event.bytes.length);
        return event.bytes;
      case "exited":
        this.#end();
        if (event.exitCode === 0) return null;
        throw broken();
      case "failed":
        this.#end();
        throw new ConnectionError(event.message);
      case "gap":
        this.destroy("reset");
        throw refusedError("bytes of the connection were lost");
      default:
        this.#end();
        throw broken();
    }
  }

  write(bytes: Uint8Array): Promise<void> | void {
    return this.#writes.write(bytes);
  }

  end(): void {
    const { id: processId } = this.#process;
    this.#writes.done()
      .then(() => this.#client.call("process/closeStdin", { processId }))
      .catch(() => this.destroy("reset"));
  }

  /** Where both halves have ended, the server is left to bring it to its end; else it is broken off. */
  destroy(how?: "reset"): void {
    const isOver = this.#isEnded && how !== "reset";
    this.#end();
    if (!isOver) this.#forget();
  }

  /** Resolves when the server has nothing more to do for it. */
  get closed(): Promise<void> {
    return this.#closed ?? Promise.resolve();
  }

  #closed: Promise<void> | undefined;

  #take(seq: number, bytes: number): void {
    const untold = this.#untold;
    untold.bytes += bytes;
    untold.chunks++;
    const isMuch = untold.bytes * TCP_WINDOW_PARTS >= TCP_WINDOW_BYTES ||
      untold.chunks * TCP_WINDOW_PARTS >= TCP_WINDOW_CHUNKS;
    if (!isMuch || this.#isForgotten) return;
    this.#untold = { bytes: 0, chunks: 0 };
    // Until its reader comes again, these are his.
    this.#client.call("tcp/taken", { processId: this.#process.id, seq }).catch(() => {});
  }

  #end(): void {
    this.#isEnded = true;
    void this.#events.return();
  }

  #lost(): void {
    this.#isForgotten = true;
    this.#process.log.listeners.delete(this.#forgetClosed);
    this.#writes.fail(new ConnectionError(this.#process.log.failure!));
  }

  #forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#process.log.listeners.delete(this.#forgetClosed);
    this.#writes.fail(refusedError("the connection is closed"));
    this.#closed = this.#client.call("tcp/close", { processId: this.#process.id }).then(() => {}, () => {});
  }
}

function broken(): Error {
  return refusedError("the connection was broken off by its other end");
}
