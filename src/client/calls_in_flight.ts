import type { Call } from "./call.ts";

/** The calls that were sent and wait for their answers, and whether there may be more. */
export class CallsInFlight {
  readonly #limit: number;
  readonly #onRoom: () => void;
  readonly #calls = new Set<Call>();

  /** @param onRoom called when a call has come to its end */
  constructor(limit: number, onRoom: () => void) {
    this.#limit = Math.max(1, limit);
    this.#onRoom = onRoom;
  }

  get hasRoom(): boolean {
    return this.#calls.size < this.#limit;
  }

  /** Counts a call until it is settled, whether by its answer or by its caller's patience. */
  add(call: Call): void {
    this.#calls.add(call);
    const done = () => {
      if (this.#calls.delete(call)) this.#onRoom();
    };
    call.answer.then(done, done);
  }

  /** Forgets them all: what was sent on a connection that is lost is no longer on its way. */
  clear(): void {
    this.#calls.clear();
  }
}
