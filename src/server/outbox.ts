import { CONFIRM_AFTER_MS, CONFIRM_EVERY_BYTES, FIRST_PONG_MS, SOCKET_HIGH_WATER_BYTES } from "../limits.ts";
import type { Delivery } from "../process/delivery.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { LogEvent } from "../log/process_event.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import type { Session } from "../session/session.ts";

/** What is needed of a session. */
type Followed = Pick<Session, "answersPings"> & {
  readonly processes: { values(): Iterable<ManagedProcess> };
};

/** How far a peer has come when it answers a ping. */
interface Mark {
  /** The last event of each process that was sent before it. */
  readonly sent: Map<Delivery, number>;
  /** Resumed processes whose missed output was read before it. */
  readonly caughtUp: Set<Delivery>;
}

/**
 * Sends the events of a session's processes: an event goes out the moment it is in its log, unless the socket is full;
 * then it stays in the log, and once there is room the processes take turns.
 *
 * Now and then a ping is sent along. Its pong proves that everything before it has arrived.
 */
export class Outbox {
  readonly #socket: MessageSocket;
  readonly #ids = new Map<Delivery, string>();
  /** Processes that have something to send. */
  readonly #ready = new Set<Delivery>();
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
    if (!socket.hasPings) this.#confirms = false;
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
    for (const process of session.processes.values()) this.follow(process);
    if (this.#confirms === undefined) this.#setMark();
  }

  /** Sends a process's events from now on: all of a new one, those to come of a resumed one. */
  follow(process: ManagedProcess): void {
    const { delivery } = process;
    this.#ids.set(delivery, JSON.stringify(process.id));
    delivery.onAvailable = () => {
      this.#ready.add(delivery);
      this.flush();
    };
    delivery.onDisposed = () => {
      this.#ids.delete(delivery);
      this.#ready.delete(delivery);
    };
    delivery.attach();
  }

  /** Sends what is there, as far as the socket has room. */
  flush(): void {
    while (this.#ready.size > 0 && this.#socket.bufferedBytes < SOCKET_HIGH_WATER_BYTES) {
      const delivery = this.#ready.values().next().value!;
      this.#ready.delete(delivery);
      const event = delivery.next();
      if (!event) continue;
      this.#ready.add(delivery); // Behind all others.
      const bytes = sendEvent(this.#socket, this.#ids.get(delivery)!, event);
      this.#mark.sent.set(delivery, event.seq);
      this.#sent(bytes);
    }
  }

  /** A read answer that covers everything a resumed client has missed was sent. */
  answeredMissed(delivery: Delivery): void {
    this.#mark.caughtUp.add(delivery);
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
    for (const delivery of this.#ids.keys()) delivery.detach();
    this.#ids.clear();
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
    this.#socket.ping(number);
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
  for (const delivery of mark.caughtUp) delivery.caughtUp();
  for (const [delivery, seq] of mark.sent) delivery.confirm(seq);
}

/**
 * Sends the notification of an event.
 *
 * @param id the process's, as JSON
 * @returns how many bytes it has, but for what base64 adds
 */
function sendEvent(socket: MessageSocket, id: string, event: LogEvent): number {
  const start = `{"method":"process/${event.kind}","params":{"processId":${id},"seq":${event.seq}`;
  if (event.kind === "output") {
    // Written around its base64: a JSON encoder would copy the bytes once more.
    const before = `${start},"stream":"${event.stream}","chunk":"`;
    socket.sendBase64(before, event.bytes, '"}}');
    return before.length + event.bytes.length;
  }
  const text = event.kind === "exited"
    ? `${start},"exitCode":${event.exitCode},"sandboxDenied":false}}`
    : `${start}}}`;
  socket.send(text);
  return text.length;
}
