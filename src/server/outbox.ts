import { CONFIRM_AFTER_MS, CONFIRM_EVERY_BYTES, FIRST_PONG_MS, SOCKET_HIGH_WATER_BYTES } from "../limits.ts";
import { type EventName, eventName, sendEvent } from "./event_message.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import type { Session } from "../session/session.ts";
import type { Subscription } from "../session/subscription.ts";

/** What is needed of a session. */
type Followed = Pick<Session, "answersPings"> & {
  readonly attachments: ReadonlyMap<string, { readonly subscription: Subscription }>;
};

/** How far a peer has come when it answers a ping. */
interface Mark {
  /** The last event of each process that was sent before it. */
  readonly sent: Map<Subscription, number>;
  /** Resumed processes whose missed output was read before it. */
  readonly caughtUp: Set<Subscription>;
}

/**
 * Sends the events of a session's processes: an event goes out the moment it is in its log, unless the socket is full;
 * then it stays in the log, and once there is room the processes take turns.
 *
 * Now and then a ping is sent along. Its pong proves that everything before it has arrived.
 */
export class Outbox {
  /** Whether output goes as binary frames. */
  usesFrames = false;
  readonly #socket: MessageSocket;
  readonly #names = new Map<Subscription, EventName>();
  /** Processes that have something to send. */
  readonly #ready = new Set<Subscription>();
  readonly #marks = new Map<string, Mark>();
  #mark: Mark = emptyMark();
  #markNumber = 0;
  #bytesSinceMark = 0;
  /** Whether the peer answers pings; unknown until a client's first pong, which is asked for at once. */
  #confirms: boolean | undefined;
  #session: Followed | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #markTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: MessageSocket) {
    this.#socket = socket;
    if (!socket.ping) this.#confirms = false;
  }

  /** What the newest ping said that asked for a confirmation; every other ping says the same. */
  get newestMark(): string {
    return this.#markNumber === 0 ? "" : String(this.#markNumber);
  }

  /**
   * Sends the events of a session's processes. Its client, which comes back after a lost connection, is known to answer
   * pings if it ever did: one that has none for a while is held up by its reader or its line, and must lose nothing.
   */
  attach(session: Followed): void {
    this.#session = session;
    if (this.#confirms === undefined && session.answersPings) this.#confirms = true;
    for (const { subscription } of session.attachments.values()) this.follow(subscription);
    if (this.#confirms === undefined) this.#setMark();
  }

  /** Sends a process's events from now on: all of a new one, those to come of a resumed one. */
  follow(subscription: Subscription): void {
    this.#names.set(subscription, eventName(subscription.id));
    subscription.onAvailable = () => {
      this.#ready.add(subscription);
      this.flush();
    };
    subscription.onDisposed = () => {
      this.#names.delete(subscription);
      this.#ready.delete(subscription);
    };
    subscription.attach();
    // Whoever comes late begins with what is there, behind the answer that tells of it.
    if (subscription.isAvailable) setTimeout(() => subscription.onAvailable?.());
  }

  /** Sends what is there, as far as the socket has room. */
  flush(): void {
    while (this.#ready.size > 0 && this.#socket.bufferedBytes < SOCKET_HIGH_WATER_BYTES) {
      const subscription = this.#ready.values().next().value!;
      this.#ready.delete(subscription);
      const event = subscription.next();
      if (!event) continue;
      this.#ready.add(subscription); // Behind all others.
      const bytes = sendEvent(this.#socket, this.#names.get(subscription)!, event, {
        usesFrames: this.usesFrames,
        isShared: subscription.isShared,
      });
      if (event.kind !== "gap") this.#mark.sent.set(subscription, event.seq);
      this.#sent(bytes);
    }
  }

  /** A read answer that covers everything a resumed client has missed was sent. */
  answeredMissed(subscription: Subscription): void {
    this.#mark.caughtUp.add(subscription);
    this.#setMark();
  }

  /** The peer has received everything that was sent before this ping. */
  confirm(payload: string): void {
    if (!this.#marks.has(payload)) return;
    this.#confirms = true;
    if (this.#session) this.#session.answersPings = true;
    clearTimeout(this.#timer);
    for (const [number, mark] of this.#marks) {
      this.#marks.delete(number);
      settle(mark);
      if (number === payload) return;
    }
  }

  /** The connection is over: nothing is followed any more. */
  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#markTimer);
    for (const subscription of this.#names.keys()) subscription.detach();
    this.#names.clear();
    this.#ready.clear();
    this.#marks.clear();
  }

  #sent(bytes: number): void {
    this.#bytesSinceMark += bytes;
    if (this.#confirms === false || this.#bytesSinceMark >= CONFIRM_EVERY_BYTES) this.#setMark();
    // The last of it is confirmed too, soon, or it would be held for as long as nothing else is sent.
    else this.#markTimer ??= setTimeout(() => this.#setMark(), CONFIRM_AFTER_MS);
  }

  /** Asks the peer to confirm everything sent so far. */
  #setMark(): void {
    clearTimeout(this.#markTimer);
    this.#markTimer = undefined;
    const mark = this.#mark;
    this.#mark = emptyMark();
    this.#bytesSinceMark = 0;
    if (this.#confirms === false) return settle(mark);
    const number = String(++this.#markNumber);
    this.#marks.set(number, mark);
    this.#socket.ping?.(number);
    if (this.#confirms === undefined) this.#timer ??= setTimeout(() => this.#doWithout(), FIRST_PONG_MS);
  }

  /**
   * The peer does not answer pings: what its socket accepted counts as arrived. The marks stay, so that a pong that was
   * only late is known for one.
   */
  #doWithout(): void {
    this.#confirms = false;
    for (const mark of this.#marks.values()) settle(mark);
  }
}

function emptyMark(): Mark {
  return { sent: new Map(), caughtUp: new Set() };
}

function settle(mark: Mark): void {
  for (const subscription of mark.caughtUp) subscription.caughtUp();
  for (const [subscription, seq] of mark.sent) subscription.confirm(seq);
}
