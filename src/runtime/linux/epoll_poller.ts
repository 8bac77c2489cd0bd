/** Waits for any number of descriptors with one thread, through `epoll`, which tells the order in which they became ready. */
import { arch } from "node:process";
import { setTimeout } from "node:timers";
import { EPOLL_EVENTS, POLL_QUICK_ROUNDS, POLL_RETRY_MS } from "../../limits.ts";
import type { Libc } from "../posix/libc.ts";
import { POLLIN } from "../posix/platform.ts";
import { type Poller, tell, turn, unaskedEvents, type Watch } from "../posix/poller.ts";
import { systemError } from "../posix/system_error.ts";
import { WakeablePoll } from "../posix/wakeable_poll.ts";

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
const EPOLLONESHOT = 1 << 30;

/** How C lays out `struct epoll_event`: packed on x86_64 alone. */
const eventBytes = arch === "x64" ? 12 : 16;
const keyAt = arch === "x64" ? 4 : 8;

/** Hops of promises after which whoever was served has asked again. */
const askAgainHops = 12;

interface Watched {
  readonly key: number;
  readonly descriptor: number;
  readonly onReady: (events: number) => void;
  wanted: number;
  /** What epoll was asked for and has not told yet; undefined before the first time. */
  asked: number | undefined;
  /** What it told, which is not passed on yet. */
  pending: number;
  closed: boolean;
}

/**
 * Epoll is asked for a descriptor each time it is wanted, and tells of it once: what nobody reads takes nothing.
 *
 * The other thread waits with `poll` for the one descriptor of epoll and for a pipe, whose byte ends a call when nothing is
 * wanted any more.
 */
export class EpollPoller implements Poller {
  readonly #libc: Libc;
  readonly #poll: WakeablePoll;
  readonly #epoll: number;
  readonly #wanted = new Set<Watched>();
  readonly #watched = new Map<number, Watched>();
  /** What epoll told of, in its order. */
  readonly #ready: Watched[] = [];
  readonly #pollBytes: Uint8Array;
  readonly #events = new Uint8Array(EPOLL_EVENTS * eventBytes);
  readonly #eventsView = new DataView(this.#events.buffer);
  readonly #control = new Uint8Array(eventBytes);
  readonly #controlView = new DataView(this.#control.buffer);
  #lastKey = 0;
  #running = false;
  /** Whether somebody who was served wants what comes right behind. */
  #hurries = false;

  /** @throws {Error} with `code`, such as `"EMFILE"`, where it cannot watch anything; nothing is left behind */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#poll = new WakeablePoll(libc);
    this.#epoll = libc.c.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) {
      const error = systemError("epoll_create1", libc.errno());
      this.#poll.close();
      throw error;
    }
    this.#pollBytes = new Uint8Array(
      new Int32Array([this.#epoll, POLLIN, this.#poll.wakeRead, POLLIN]).buffer,
    );
  }

  watch(descriptor: number, onReady: (events: number) => void): Watch {
    const watched: Watched = {
      key: ++this.#lastKey,
      descriptor,
      onReady,
      wanted: 0,
      asked: undefined,
      pending: 0,
      closed: false,
    };
    this.#watched.set(watched.key, watched);
    return {
      want: (events) => this.#want(watched, events),
      unwant: (events) => {
        watched.wanted &= ~events;
        if (watched.wanted === 0 && this.#wanted.delete(watched) && this.#wanted.size === 0) {
          this.#poll.wake();
        }
      },
      hurry: () => void (this.#hurries = true),
      close: () => this.#close(watched),
    };
  }

  look(): void {
    if (this.#collect() > 0) this.#dispatch();
  }

  #want(watched: Watched, events: number): void {
    if (watched.closed || (watched.wanted | events) === watched.wanted) return;
    watched.wanted |= events;
    this.#wanted.add(watched);
    this.#ask(watched);
    if (!this.#running) void this.#run();
  }

  #ask(watched: Watched): void {
    const { wanted, asked, descriptor } = watched;
    if (watched.closed || wanted === 0 || asked === wanted) return;
    this.#controlView.setUint32(0, wanted | EPOLLONESHOT, true);
    this.#controlView.setUint32(keyAt, watched.key, true);
    const call = asked === undefined ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (this.#libc.c.epoll_ctl(this.#epoll, call, descriptor, this.#control) === 0) watched.asked = wanted;
    // Memory is short.
    else setTimeout(() => this.#ask(watched), POLL_RETRY_MS);
  }

  #close(watched: Watched): void {
    if (watched.closed) return;
    watched.closed = true;
    watched.wanted = 0;
    this.#watched.delete(watched.key);
    if (this.#wanted.delete(watched) && this.#wanted.size === 0) this.#poll.wake();
    if (watched.asked !== undefined) {
      this.#libc.c.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, watched.descriptor, this.#control);
    }
    this.#libc.c.close(watched.descriptor);
  }

  async #run(): Promise<void> {
    this.#running = true;
    let quickRounds = 0;
    for (await turn(); this.#wanted.size > 0;) {
      let ready = this.#collect();
      if (ready === 0 && quickRounds === 0) {
        const polled = await this.#poll.call(this.#pollBytes, 2);
        ready = polled < 0 ? polled : this.#collect();
        quickRounds = POLL_QUICK_ROUNDS;
      }
      if (ready < 0) await new Promise((resolve) => setTimeout(resolve, POLL_RETRY_MS));
      this.#hurries = false;
      this.#dispatch();
      // A turn would take much longer.
      if (this.#hurries && quickRounds > 0) {
        quickRounds--;
        for (let hop = 0; hop < askAgainHops; hop++) await undefined;
      } else {
        quickRounds = 0;
        await turn();
      }
    }
    this.#running = false;
  }

  /** Takes what epoll has; returns for how many descriptors, negative for a failure. */
  #collect(): number {
    const count = this.#libc.c.epoll_wait(this.#epoll, this.#events, EPOLL_EVENTS, 0);
    for (let i = 0; i < count; i++) {
      const watched = this.#watched.get(this.#eventsView.getUint32(i * eventBytes + keyAt, true));
      if (!watched) continue;
      watched.asked = 0;
      watched.pending = this.#eventsView.getUint32(i * eventBytes, true);
      this.#ready.push(watched);
    }
    return count;
  }

  #dispatch(): void {
    for (const watched of this.#ready.splice(0)) {
      const events = watched.pending & (watched.wanted | unaskedEvents);
      if (watched.wanted !== 0 && events !== 0) tell(watched, events);
      this.#ask(watched);
    }
  }
}
