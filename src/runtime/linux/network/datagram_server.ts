/** A socket on which questions come as datagrams, and are answered at once. */
import { NETWORK_AT_ONCE } from "../../../limits.ts";
import type { Native } from "../../posix/native.ts";
import { POLLIN } from "../../posix/platform.ts";
import type { Watch } from "../../posix/poller.ts";
import { addressBytes } from "./socket_address.ts";

/** More than any question that has an answer. */
const questionBytes = 2048;
const MSG_DONTWAIT = 0x40;

export class DatagramServer {
  readonly #native: Native;
  readonly #descriptor: number;
  readonly #answer: (question: Uint8Array) => Uint8Array | undefined;
  readonly #watch: Watch;

  /** @param descriptor a bound socket that does not block, this object's to close from now on */
  constructor(native: Native, descriptor: number, answer: (question: Uint8Array) => Uint8Array | undefined) {
    this.#native = native;
    this.#descriptor = descriptor;
    this.#answer = answer;
    this.#watch = native.poller.watch(descriptor, () => this.#serve());
    this.#watch.want(POLLIN);
  }

  close(): void {
    this.#watch.close();
  }

  /** A few at a time: the rest come in their turn. Whoever misses an answer asks again. */
  #serve(): void {
    const { c } = this.#native.libc;
    const [question, from] = [new Uint8Array(questionBytes), new Uint8Array(addressBytes)];
    for (let count = 0; count < NETWORK_AT_ONCE; count++) {
      const length = new Int32Array([from.length]);
      const bytes = c.recvfrom(
        this.#descriptor,
        question,
        question.length,
        MSG_DONTWAIT,
        from,
        new Uint8Array(length.buffer),
      );
      if (bytes < 0) return;
      const answer = this.#answer(question.subarray(0, bytes));
      if (answer) c.sendto(this.#descriptor, answer, answer.length, MSG_DONTWAIT, from, length[0]!);
    }
  }
}
