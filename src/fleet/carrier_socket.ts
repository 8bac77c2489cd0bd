import { encodeBase64 } from "../protocol/base64.ts";
import { concat } from "../std/bytes/concat.ts";
import type { MessageSocket, SocketHandlers } from "../transport/message_socket.ts";
import type { Carrier } from "./carrier.ts";

/** A carrier as a server's socket. */
export class CarrierSocket implements MessageSocket {
  readonly peer: string;
  readonly largestMessageBytes = Infinity;
  handlers: SocketHandlers | undefined;
  readonly #carrier: Carrier;

  constructor(carrier: Carrier, peer: string) {
    this.#carrier = carrier;
    this.peer = peer;
    carrier.events = {
      onMessage: (bytes, binary) => binary ? this.handlers?.onBinary(bytes) : this.#receive(bytes),
      onPong: (payload) => this.handlers?.onPong(payload),
      onDrain: () => this.handlers?.onDrain(),
      onClose: (reason) => this.handlers?.onClose(reason),
    };
  }

  get bufferedBytes(): number {
    return this.#carrier.queuedBytes;
  }

  send(text: string): void {
    this.#carrier.send(new TextEncoder().encode(text));
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    this.send(before + encodeBase64(bytes) + after);
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    this.#carrier.send(concat([head, bytes]), true);
  }

  ping(payload: string): void {
    this.#carrier.ping(payload);
  }

  setReading(reading: boolean): void {
    this.#carrier.setReading(reading);
  }

  close(_code: number, reason: string): void {
    this.#carrier.close(reason);
  }

  terminate(): void {
    this.#carrier.close("the host ended the connection");
  }

  #receive(bytes: Uint8Array): void {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.handlers?.onGarbage("the message is not UTF-8");
    }
    this.handlers?.onMessage(text);
  }
}
