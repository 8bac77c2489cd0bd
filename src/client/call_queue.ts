import { InterruptedCallError } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import type { Link } from "./link.ts";

/** A client's calls on their way to their answers, in call order: so many are unanswered at once, the others wait. */
export class CallQueue {
  readonly #limit: number;
  readonly #unanswered = new Set<Call>();
  /** Calls that wait for a connection or for their turn. */
  #waiting: Call[] = [];
  /** Where calls go, while there is such a connection. */
  #link: Link | undefined;

  /** @param limit how many may be unanswered at once */
  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  /** Starts that were sent and not answered before their connection was lost: the server may have taken them or not. */
  get uncertainStarts(): readonly Call[] {
    return this.#waiting.filter(({ definition, sent, settled }) => definition.reconciled && sent && !settled);
  }

  /** Sends a call as soon as it is its turn. While there is room, no other waits for its own. */
  add(call: Call): void {
    if (this.#link && (this.#hasRoom || call.definition.goesAhead)) this.#send(this.#link, call);
    else this.#waiting.push(call);
  }

  /** Calls go over this connection from now on. */
  open(link: Link): void {
    this.#link = link;
    for (const call of this.#waiting.splice(0)) if (!call.settled) this.add(call);
  }

  /**
   * The connection is lost. What was sent on it and may be sent again goes first on the next one, and before what never
   * had its turn; the rest fails.
   */
  suspend(unanswered: readonly Call[]): void {
    this.#link = undefined;
    this.#unanswered.clear();
    const again: Call[] = [];
    for (const call of unanswered) {
      if (call.definition.repeatable || call.definition.reconciled) again.push(call);
      else call.reject(new InterruptedCallError(call.method));
    }
    this.#waiting = [...again, ...this.#waiting];
  }

  /** There will be no other connection. */
  fail(failure: Error): void {
    this.#link = undefined;
    for (const call of this.#waiting.splice(0)) call.reject(failure);
  }

  get #hasRoom(): boolean {
    return this.#unanswered.size < this.#limit;
  }

  /** Sends a call, which counts until it is settled, whether by its answer or by its caller's patience. */
  #send(link: Link, call: Call): void {
    this.#unanswered.add(call);
    const done = () => {
      if (this.#unanswered.delete(call)) this.#sendWaiting();
    };
    call.answer.then(done, done);
    link.send(call);
  }

  #sendWaiting(): void {
    while (this.#link && this.#waiting.length > 0 && this.#hasRoom) {
      const call = this.#waiting.shift()!;
      if (!call.settled) this.#send(this.#link, call);
    }
  }
}
