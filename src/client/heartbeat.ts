import { HEARTBEAT_ANSWER_MS, HEARTBEAT_SILENCE_MS } from "../limits.ts";
import type { Link } from "./link.ts";
import { unref } from "../unref.ts";

/** How soon a silent server is asked, and how long for. */
export interface HeartbeatOptions {
  /** Milliseconds of silence before it is asked; {@linkcode HEARTBEAT_SILENCE_MS} by default. */
  readonly silenceMs?: number;
  /** Milliseconds for its answer; {@linkcode HEARTBEAT_ANSWER_MS} by default. */
  readonly answerMs?: number;
}

/**
 * Finds half-open connections: a server that says nothing for a while is asked for a sign of life, and a connection on
 * which none comes is closed.
 */
export class Heartbeat {
  readonly #silenceMs: number;
  readonly #answerMs: number;
  readonly #watched: () => Link | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #askedAt: number | undefined;
  #asked: Link | undefined;

  /** @param watched the connection on which something is awaited just now, if any */
  constructor(options: HeartbeatOptions, watched: () => Link | undefined) {
    this.#silenceMs = options.silenceMs ?? HEARTBEAT_SILENCE_MS;
    this.#answerMs = options.answerMs ?? HEARTBEAT_ANSWER_MS;
    this.#watched = watched;
    this.#timer = setInterval(() => this.#look(), Math.min(this.#silenceMs, this.#answerMs) / 2);
    unref(this.#timer);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const link = this.#watched();
    const now = performance.now();
    if (!link || link !== this.#asked || link.heardAt > this.#askedAt!) this.#asked = undefined;
    if (!link) return;
    if (!this.#asked) {
      if (now - link.heardAt >= this.#silenceMs) this.#ask(link, now);
    } else if (!link.reading) {
      // No answer can be heard, but the server goes on hearing from its client.
      if (now - this.#askedAt! >= this.#silenceMs) this.#ask(link, now);
    } else if (now - this.#askedAt! >= this.#answerMs) {
      link.close("the server gives no sign of life");
    }
  }

  #ask(link: Link, now: number): void {
    this.#asked = link;
    this.#askedAt = now;
    link.ping();
  }
}
