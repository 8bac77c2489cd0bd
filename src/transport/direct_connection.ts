import { setImmediate } from "node:timers";
import { encodeBase64 } from "../protocol/base64.ts";
import { concat } from "../std/bytes/concat.ts";
import type { MessageSocket, SocketHandlers } from "./message_socket.ts";
import type { Transport, TransportHandlers } from "./transport.ts";

/** What is under way from one end to the other. */
type Sent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly message: Uint8Array }
  | { readonly kind: "ping" | "pong"; readonly payload: string };

/** The two ends of a connection within this program: a server's and a client's. */
export interface DirectConnection {
  readonly socket: MessageSocket;
  readonly transport: Transport;
}

/** Connects a client to a server of the same program: messages change hands as they are, in order, and never at once. */
export function directConnection(): DirectConnection {
  const end = (reason: string) => {
    toClient.end();
    toServer.end();
    const ends = [socket, transport];
    // Whoever ends it is not told in the middle of that.
    setImmediate(() => {
      for (const { handlers } of ends) handlers?.onClose(reason);
      socket.handlers = transport.handlers = undefined;
    });
  };
  const toClient: Way = new Way((sent) => transport.take(sent), () => socket.handlers?.onDrain());
  const toServer: Way = new Way((sent) => socket.take(sent), () => transport.handlers?.onDrain?.());
  const socket: ServerEnd = new ServerEnd(toClient, toServer, end);
  const transport: ClientEnd = new ClientEnd(toServer, toClient, end);
  return { socket, transport };
}

/** One direction: what was sent and not taken yet. */
class Way {
  readonly #take: (sent: Sent) => void;
  readonly #onDrain: () => void;
  readonly #queue: Sent[] = [];
  #bytes = 0;
  #isReading = true;
  #isScheduled = false;
  #hasEnded = false;

  constructor(take: (sent: Sent) => void, onDrain: () => void) {
    this.#take = take;
    this.#onDrain = onDrain;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  send(sent: Sent): void {
    if (this.#hasEnded) return;
    this.#queue.push(sent);
    this.#bytes += sizeOf(sent);
    this.#schedule();
  }

  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    this.#schedule();
  }

  end(): void {
    this.#hasEnded = true;
    this.#queue.length = this.#bytes = 0;
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#isReading || this.#queue.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#deliver());
  }

  /** What is sent meanwhile has its turn with the next event, so that others have theirs. */
  #deliver(): void {
    this.#isScheduled = false;
    for (let left = this.#queue.length; left > 0 && this.#isReading && !this.#hasEnded; left--) {
      const sent = this.#queue.shift()!;
      this.#bytes -= sizeOf(sent);
      this.#take(sent);
    }
    this.#schedule();
    if (!this.#hasEnded) this.#onDrain();
  }
}

class ServerEnd implements MessageSocket {
  readonly peer = "this program";
  readonly largestMessageBytes = Infinity;
  handlers: SocketHandlers | undefined;
  readonly #out: Way;
  readonly #in: Way;
  readonly #end: (reason: string) => void;

  constructor(out: Way, incoming: Way, end: (reason: string) => void) {
    this.#out = out;
    this.#in = incoming;
    this.#end = end;
  }

  get bufferedBytes(): number {
    return this.#out.bytes;
  }

  send(text: string): void {
    this.#out.send({ kind: "text", text });
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    this.send(before + encodeBase64(bytes) + after);
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    this.#out.send({ kind: "binary", message: concat([head, bytes]) });
  }

  ping(payload: string): void {
    this.#out.send({ kind: "ping", payload });
  }

  setReading(isReading: boolean): void {
    this.#in.setReading(isReading);
  }

  close(_code: number, reason: string): void {
    if (!this.#out.hasEnded) this.#end(reason);
  }

  terminate(): void {
    if (!this.#out.hasEnded) this.#end("the server ended it");
  }

  take(sent: Sent): void {
    if (sent.kind === "text") this.handlers?.onMessage(sent.text);
    else if (sent.kind === "binary") this.handlers?.onBinary(sent.message);
    else if (sent.kind === "pong") this.handlers?.onPong(sent.payload);
    else this.#out.send({ kind: "pong", payload: sent.payload });
  }
}

class ClientEnd implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #out: Way;
  readonly #in: Way;
  readonly #end: (reason: string) => void;
  #confirming = true;
  /** The last ping with a mark, while its answer is held back. */
  #unanswered: string | undefined;

  constructor(out: Way, incoming: Way, end: (reason: string) => void) {
    this.#out = out;
    this.#in = incoming;
    this.#end = end;
  }

  send(text: string): void {
    this.#out.send({ kind: "text", text });
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    this.#out.send({ kind: "binary", message: concat([head, bytes]) });
  }

  setConfirming(confirming: boolean): void {
    this.#confirming = confirming;
    if (!confirming || this.#unanswered === undefined) return;
    this.#out.send({ kind: "pong", payload: this.#unanswered });
    this.#unanswered = undefined;
  }

  setReading(isReading: boolean): void {
    this.#in.setReading(isReading);
  }

  ping(): void {
    this.#out.send({ kind: "ping", payload: "" });
  }

  close(): void {
    if (!this.#out.hasEnded) this.#end("closed");
  }

  take(sent: Sent): void {
    if (sent.kind === "text") this.handlers?.onMessage(sent.text);
    else if (sent.kind === "binary") this.handlers?.onBinary?.(sent.message);
    else if (sent.kind === "pong") this.handlers?.onPong?.(sent.payload);
    else this.#pong(sent.payload);
  }

  #pong(payload: string): void {
    if (!this.#confirming && payload !== "") this.#unanswered = payload;
    this.#out.send({ kind: "pong", payload: this.#confirming ? payload : "" });
  }
}

function sizeOf(sent: Sent): number {
  if (sent.kind === "binary") return sent.message.length;
  return sent.kind === "text" ? sent.text.length : sent.payload.length;
}
