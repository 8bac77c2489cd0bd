import { FLEET_SILENCE_MS } from "../limits.ts";
import { concat } from "../std/bytes/concat.ts";
import type { Transport, TransportHandlers } from "../transport/transport.ts";
import { unref } from "../unref.ts";
import type { Carrier } from "./carrier.ts";

/**
 * A carrier as a client's transport. A host that says nothing is asked for a sign of life often: where it is gone, the
 * broker says so at once.
 */
export class CarrierTransport implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #carrier: Carrier;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(carrier: Carrier, ended: () => void) {
    this.#carrier = carrier;
    this.#timer = setInterval(() => carrier.ping(""), FLEET_SILENCE_MS);
    unref(this.#timer);
    carrier.events = {
      onMessage: (bytes, binary) =>
        binary ? this.handlers?.onBinary?.(bytes) : this.handlers?.onMessage(new TextDecoder().decode(bytes)),
      onPong: (payload) => this.handlers?.onPong?.(payload),
      onDrain: () => this.handlers?.onDrain?.(),
      onClose: (reason) => {
        clearInterval(this.#timer);
        ended();
        this.handlers?.onClose(reason);
      },
    };
  }

  send(text: string): void {
    this.#carrier.send(new TextEncoder().encode(text));
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    this.#carrier.send(concat([head, bytes]), true);
  }

  setConfirming(confirming: boolean): void {
    this.#carrier.setConfirming(confirming);
  }

  setReading(reading: boolean): void {
    this.#carrier.setReading(reading);
  }

  ping(payload = ""): void {
    this.#carrier.ping(payload);
  }

  close(_code?: number, reason = "the client ended the connection"): void {
    this.#carrier.close(reason);
  }
}
