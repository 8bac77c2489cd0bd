/** Waits for any number of descriptors with one thread, through `poll`. */
import { setTimeout } from "node:timers";
import { POLL_RETRY_MS } from "../../limits.ts";
import type { Libc } from "./libc.ts";
import { POLLIN } from "./platform.ts";
import { type Poller, tell, turn, unaskedEvents, type Watch } from "./poller.ts";
import { WakeablePoll } from "./wakeable_poll.ts";

interface Watched {
  readonly descriptor: number;
  readonly onReady: (events: number) => void;
  wanted: number;
  closed: boolean;
}

/**
 * One `poll` for all descriptors, on another thread, and only while something is wanted: an idle poller keeps no
 * thread and does not keep the program running. A byte in a pipe ends a call in progress when the wishes change.
 */
export class PollPoller implements Poller {
  readonly #libc: Libc;
  readonly #poll: WakeablePoll;
  readonly #wanted = new Set<Watched>();
  /** Pairs of a descriptor and its event bits (asked for below, reported above), as C lays out `struct pollfd`. */
  #pollfds = new Int32Array(2 * 16);
  #pollBytes = new Uint8Array(this.#pollfds.buffer);
  /** What the call in progress looks at, in the order of `#pollfds`. */
  #looking: Watched[] = [];
  #closing: number[] = [];
  #running = false;

  /** @throws {Error} with `code`, such as `"EMFILE"`, where it cannot watch anything; nothing is left behind */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#poll = new WakeablePoll(libc);
  }

  /** Watches a descriptor, which is the poller's to close from now on. `onReady` gets the bits that `poll` reported. */
  watch(descriptor: number, onReady: (events: number) => void): Watch {
    const watched: Watched = { descriptor, onReady, wanted: 0, closed: false };
    return {
      want: (events) => {
        if (watched.closed || (watched.wanted | events) === watched.wanted) return;
        watched.wanted |= events;
        this.#wanted.add(watched);
        this.#poll.wake();
        if (!this.#running) void this.#run();
      },
      unwant: (events) => {
        watched.wanted &= ~events;
        if (watched.wanted === 0 && this.#wanted.delete(watched) && this.#wanted.size === 0) {
          this.#poll.wake();
        }
      },
      hurry: () => {},
      close: () => this.#close(watched),
    };
  }

  /** In the order of their watches: nothing tells which was first. */
  look(): void {
    if (this.#poll.inCall || this.#wanted.size === 0) return;
    this.#dispatch(this.#libc.c.poll(this.#pollBytes, this.#fill(), 0));
  }

  /**
   * A descriptor that is being polled stays open until the call is over: its number must not be given to another
   * file meanwhile, and the kernel would hold the terminal open all the same.
   */
  #close(watched: Watched): void {
    if (watched.closed) return;
    watched.closed = true;
    watched.wanted = 0;
    this.#wanted.delete(watched);
    if (this.#poll.inCall && this.#looking.includes(watched)) {
      this.#closing.push(watched.descriptor);
      this.#poll.wake();
    } else {
      this.#libc.c.close(watched.descriptor);
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    // A turn of the event loop between two calls: those who were served ask again, everybody else gets their turn.
    for (await turn(); this.#wanted.size > 0; await turn()) {
      const count = this.#fill();
      let ready = this.#libc.c.poll(this.#pollBytes, count, 0);
      if (ready === 0) ready = await this.#pollOffThread(count);
      if (ready < 0) await new Promise((resolve) => setTimeout(resolve, POLL_RETRY_MS));
      else this.#dispatch(ready);
    }
    this.#running = false;
  }

  #fill(): number {
    this.#looking = [...this.#wanted];
    const count = this.#looking.length + 1;
    if (this.#pollfds.length < count * 2) {
      this.#pollfds = new Int32Array(count * 4);
      this.#pollBytes = new Uint8Array(this.#pollfds.buffer);
    }
    this.#pollfds[0] = this.#poll.wakeRead;
    this.#pollfds[1] = POLLIN;
    this.#looking.forEach((watched, index) => {
      this.#pollfds[index * 2 + 2] = watched.descriptor;
      this.#pollfds[index * 2 + 3] = watched.wanted;
    });
    return count;
  }

  async #pollOffThread(count: number): Promise<number> {
    const ready = await this.#poll.call(this.#pollBytes, count);
    for (const descriptor of this.#closing.splice(0)) this.#libc.c.close(descriptor);
    return ready;
  }

  #dispatch(ready: number): void {
    for (let index = 0; index < this.#looking.length && ready > 0; index++) {
      const events = this.#pollfds[index * 2 + 3]! >>> 16;
      if (events === 0) continue;
      ready--;
      const watched = this.#looking[index]!;
      const relevant = events & (watched.wanted | unaskedEvents);
      if (watched.wanted !== 0 && relevant !== 0) tell(watched, relevant);
    }
  }
}
