/** Keeps a listener alive where descriptors run out. */
import { closeSync, openSync } from "node:fs";
import {
  LISTENER_LOOK_MS,
  LISTENER_REFUSALS,
  LISTENER_RELAXED_DESCRIPTORS,
  LISTENER_SHORT_LOOK_MS,
} from "../../limits.ts";
import { descriptorsShort } from "../../server/descriptors_short.ts";
import type { ListenOptions } from "../../transport/listener.ts";
import type { Logger } from "../../observe/logger.ts";
import { ListeningSocket } from "./listening_socket.ts";
import type { SharedLibc } from "./shared_libc.ts";
import { unref } from "../../unref.ts";

/** What is watched. */
export interface ListenerWatchOptions {
  readonly libc: SharedLibc;
  /** With the real port. */
  readonly where: ListenOptions;
  readonly logger: Logger;
  /** How many connections the runtime has accepted; absent where it never stops to. */
  readonly accepted?: () => number;
  /** Accepts on another descriptor of the same socket, too, which it takes over. */
  readonly acceptOn?: (descriptor: number) => void;
}

/**
 * Looks after a listener. While this program has no descriptor left, whoever wants to connect is told so: a connection
 * that waits would keep Bun busy and makes Deno give up listening for good. When there are some again, the listener is
 * opened anew where connections wait and none is accepted.
 */
export class ListenerWatch {
  readonly #options: ListenerWatchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #socket: ListeningSocket | undefined;
  /** Held so that a connection can be taken, and told why it is refused, when no other descriptor is left. */
  #spare: number | undefined = openDescriptor();
  #isShort = false;
  #refused = 0;
  /** What was logged since connections last did not wait: a shortage that comes and goes is told of once. */
  readonly #said = new Set<string>();
  /** Connections accepted by when the last look found that one waits. */
  #waitedAt: number | undefined;
  #closed = false;

  constructor(options: ListenerWatchOptions) {
    this.#options = options;
    this.#lookIn(LISTENER_LOOK_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#spare !== undefined) closeSync(this.#spare);
  }

  #lookIn(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#lookIn(this.#look()), milliseconds);
    unref(this.#timer);
  }

  /** Returns when to look again, in milliseconds. */
  #look(): number {
    const free = this.#lowestFree();
    const socket = this.#socket ??= this.#find(free);
    if (!socket) return LISTENER_LOOK_MS;
    if (free === undefined) return this.#short(socket);
    if (this.#isShort) this.#openAnew(socket);
    this.#isShort = false;
    const { accepted, acceptOn } = this.#options;
    const before = this.#waitedAt;
    const { waits } = socket;
    if (!waits) this.#isOver();
    this.#waitedAt = accepted && waits ? accepted() : undefined;
    if (this.#waitedAt === undefined) return LISTENER_LOOK_MS;
    if (this.#waitedAt === before && acceptOn) this.#openAnew(socket);
    return LISTENER_SHORT_LOOK_MS;
  }

  /** The number that the next descriptor would have, as the kernel gives the lowest; undefined where there is none. */
  #lowestFree(): number | undefined {
    this.#spare ??= openDescriptor();
    if (this.#spare === undefined) return undefined;
    const free = openDescriptor();
    if (free !== undefined) closeSync(free);
    return free;
  }

  /** Nothing is looked for while there are plenty: the C library takes memory. */
  #find(free: number | undefined): ListeningSocket | undefined {
    const { libc, where } = this.#options;
    if (!libc.isOpen && free !== undefined && free < LISTENER_RELAXED_DESCRIPTORS) return undefined;
    try {
      return ListeningSocket.find(libc.open(), where);
    } catch {
      return undefined; // There is no way to the C library.
    }
  }

  #short(socket: ListeningSocket): number {
    const { libc, where, logger } = this.#options;
    const descriptors = libc.descriptors()!;
    if (this.#isNews("no descriptor left")) {
      logger.error("no descriptor left", {
        limit: descriptors.limit,
        remedy: "raise the limit with `ulimit -n`; connections are refused meanwhile",
      });
    }
    this.#isShort = true;
    const isTls = "tls" in where && where.tls !== undefined;
    this.#refuse(socket, isTls ? internalErrorAlert : refusal(descriptorsShort(descriptors)));
    return LISTENER_SHORT_LOOK_MS;
  }

  #refuse(socket: ListeningSocket, answer: Uint8Array): void {
    for (let i = 0; i < LISTENER_REFUSALS && this.#spare !== undefined && socket.waits; i++) {
      closeSync(this.#spare);
      const refused = socket.refuseOne(answer);
      this.#spare = openDescriptor();
      if (!refused) return;
      this.#refused++;
    }
  }

  #isNews(message: string): boolean {
    const isNews = !this.#said.has(message);
    this.#said.add(message);
    return isNews;
  }

  #isOver(): void {
    if (this.#said.size === 0) return;
    this.#options.logger.info("descriptors are free again", { connectionsRefused: this.#refused });
    this.#said.clear();
    this.#refused = 0;
  }

  #openAnew(socket: ListeningSocket): void {
    const { acceptOn, logger } = this.#options;
    if (!acceptOn) return;
    const descriptor = socket.duplicate();
    if (descriptor < 0) return;
    if (this.#isNews("listener opened anew")) {
      logger.warn("listener opened anew", {
        reason: "connections waited, as where descriptors have run out",
      });
    }
    acceptOn(descriptor);
    this.#waitedAt = undefined;
  }
}

function openDescriptor(): number | undefined {
  try {
    return openSync("/dev/null", "r");
  } catch {
    return undefined;
  }
}

/** TLS 1.2, of two bytes: an alert that is fatal, "internal_error". An answer in plain text would be no TLS to the client. */
const internalErrorAlert = new Uint8Array([0x15, 3, 3, 0, 2, 2, 80]);

function refusal(reason: string): Uint8Array {
  const body = `${reason}\n`;
  const head = [
    "HTTP/1.1 503 Service Unavailable",
    "content-type: text/plain; charset=UTF-8",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`);
}
