import { encodeBase64 } from "../../src/protocol/base64.ts";
import type { MessageSocket, SocketHandlers } from "../../src/transport/message_socket.ts";

/** What a socket was told to do. */
export type Sent = { readonly text: string } | { readonly ping: string };

/** A socket whose peer a test is: it takes messages and answers pings when it is told to. */
export class FakeSocket implements MessageSocket {
  readonly peer = "fake";
  largestMessageBytes = Infinity;
  handlers: SocketHandlers | undefined;
  /** A test takes it away where the transport has no pings. */
  ping?: (payload: string) => void = (payload) => void this.sent.push({ ping: payload });
  /** Everything sent, in order. */
  readonly sent: Sent[] = [];
  reading = true;
  closedWith: { code: number; reason: string } | undefined;
  terminated = false;
  /** Whether what is sent is taken at once. */
  taking = true;
  #buffered = 0;
  #answered = 0;

  get bufferedBytes(): number {
    return this.#buffered;
  }

  /** Every message, parsed. */
  // deno-lint-ignore no-explicit-any
  get messages(): any[] {
    return this.sent.flatMap((item) => "text" in item ? [JSON.parse(item.text)] : []);
  }

  send(text: string): void {
    this.sent.push({ text });
    if (!this.taking) this.#buffered += text.length;
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    this.send(before + encodeBase64(bytes) + after);
  }

  setReading(reading: boolean): void {
    this.reading = reading;
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }

  terminate(): void {
    this.terminated = true;
    this.handlers?.onClose("terminated");
  }

  /** Takes everything that is buffered. */
  drain(): void {
    this.#buffered = 0;
    this.handlers?.onDrain();
  }

  /** The pings that were not answered yet; they count as answered from now on. */
  takePings(): string[] {
    const pings = this.sent.flatMap((item) => "ping" in item ? [item.ping] : []).slice(this.#answered);
    this.#answered += pings.length;
    return pings;
  }

  /** Answers every ping so far, each as a peer would that has received everything before it. */
  pong(confirm: (payload: string) => void): void {
    for (const payload of this.takePings()) confirm(payload);
  }
}
