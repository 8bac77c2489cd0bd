import { FLEET_FRAME_BYTES, FLEET_FRAME_COST, FLEET_INBOX_FRAMES } from "../limits.ts";
import { concat } from "../std/bytes/concat.ts";
import { creditFrame, dataFrame, type Frame, readFrame, textFrame } from "./frame.ts";
import type { Grants } from "./grants.ts";

/** How a carrier reaches its peer: what is published arrives in order, or not at all. */
export interface CarrierLine {
  /** @param answered whether the broker is asked to say so where nobody is there */
  publish(frame: Uint8Array, answered: boolean): void;
}

/** What happens on a carrier. */
export interface CarrierEvents {
  onMessage(bytes: Uint8Array, binary: boolean): void;
  /** Absent where the carrier itself answers pings. */
  onPing?(payload: string): void;
  onPong(payload: string): void;
  /** Something that was queued was sent. Never called from within `send`. */
  onDrain(): void;
  /** It is over. Called once. */
  onClose(reason: string): void;
}

/** What a carrier is made of. Windows count the bytes of messages, and `FLEET_FRAME_COST` more for every frame. */
export interface CarrierOptions {
  readonly line: CarrierLine;
  /** Where what the peer is granted is taken from, and given back to. */
  readonly grants: Grants;
  /** What the peer has granted at first. */
  readonly peerWindow: number;
  /** What the peer may have granted at once, as far as `grants` has it. */
  readonly window: number;
  /** What the peer was granted at first, which was taken from `grants`. */
  readonly granted: number;
  /** Bytes of the largest message that is taken. */
  readonly messageBytes: number;
}

interface Queued {
  readonly bytes: Uint8Array;
  /** Of a ping, which is sent in its turn: its answer says that all before it has arrived. */
  readonly ping?: string;
  readonly binary: boolean;
  /** How many of the bytes were sent. */
  at: number;
}

/**
 * Messages in both directions by way of a broker that delivers in order and at most once: they arrive whole and in
 * order, or the carrier breaks, as a connection does. Neither end has more on its way than the other has granted.
 */
export class Carrier {
  events: CarrierEvents | undefined;

  readonly #options: CarrierOptions;
  readonly #queue: Queued[] = [];
  readonly #inbox: Frame[] = [];
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #queuedBytes = 0;
  #sentBytes = 0;
  #allowedBytes: number;
  /** Counted as it comes. */
  #arrivedBytes = 0;
  /** Counted as it is taken. */
  #receivedBytes = 0;
  #grantedBytes: number;
  #framesSent = 0;
  #framesReceived = 0;
  #reading = true;
  #confirming = true;
  #unanswered: string | undefined;
  #closed = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#allowedBytes = options.peerWindow;
    this.#grantedBytes = options.granted;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that the peer has no room for yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(bytes: Uint8Array, binary = false): void {
    this.#enqueue({ bytes, binary, at: 0 });
  }

  ping(payload: string): void {
    this.#enqueue({ bytes: noBytes, ping: payload, binary: false, at: 0 });
  }

  pong(payload: string): void {
    this.#publish(textFrame("pong", payload));
  }

  /** Stops and starts handing messages over; meanwhile the peer has what it was granted, and no more. */
  setReading(reading: boolean): void {
    this.#reading = reading;
    while (this.#reading && !this.#closed && this.#inbox.length > 0) this.#accept(this.#inbox.shift()!);
    this.#grant();
  }

  /** Stops and starts answering pings that confirm something. */
  setConfirming(confirming: boolean): void {
    this.#confirming = confirming;
    if (!confirming || this.#unanswered === undefined) return;
    this.pong(this.#unanswered);
    this.#unanswered = undefined;
  }

  /** Ends it, and lets the peer know. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#publish(textFrame("close", reason));
    this.break(reason);
  }

  /** Ends it, where the peer cannot be told or has said so. */
  break(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = this.#inbox.length = this.#parts.length = 0;
    this.#queuedBytes = 0;
    this.#options.grants.give(this.#grantedBytes - this.#receivedBytes);
    this.events?.onClose(reason);
  }

  /** Takes what the broker delivers. */
  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    const frame = readFrame(bytes);
    switch (frame?.kind) {
      case "data":
        this.#arrivedBytes += frame.bytes.length + FLEET_FRAME_COST;
        if (this.#arrivedBytes > this.#grantedBytes) return this.close("more came than was granted");
        return this.#inTurn(frame);
      case "ping":
        return this.#inTurn(frame);
      case "credit":
        if (frame.offset <= this.#allowedBytes) return;
        this.#allowedBytes = frame.offset;
        if (this.#flush()) this.events?.onDrain();
        return;
      case "pong":
        return this.events?.onPong(frame.text);
      case "close":
        return this.break(frame.text || "closed by the other end");
      default:
        return this.close("a frame of an unknown kind came");
    }
  }

  /** A ping is answered behind what came before it, which its answer confirms. */
  #inTurn(frame: Frame): void {
    if (this.#reading && this.#inbox.length === 0) return this.#accept(frame);
    if (this.#inbox.length >= FLEET_INBOX_FRAMES) return this.close("too many frames came that nobody reads");
    this.#inbox.push(frame);
  }

  #accept(frame: Frame): void {
    if (frame.kind === "data") return this.#data(frame);
    if (frame.kind !== "ping") return;
    if (this.events?.onPing) return this.events.onPing(frame.text);
    if (this.#confirming) return this.pong(frame.text);
    // One without a mark asks for a sign of life, and confirms nothing.
    if (frame.text !== "") this.#unanswered = frame.text;
    this.pong("");
  }

  #data({ number, bytes, last, binary }: Extract<Frame, { kind: "data" }>): void {
    if (number !== this.#framesReceived) return this.close("a frame was lost on the way");
    this.#framesReceived = (this.#framesReceived + 1) >>> 0;
    const cost = bytes.length + FLEET_FRAME_COST;
    this.#receivedBytes += cost;
    this.#options.grants.give(cost);
    this.#partBytes += bytes.length;
    if (this.#partBytes > this.#options.messageBytes) return this.close("a message is too large");
    this.#parts.push(bytes);
    if (last) {
      const parts = this.#parts;
      this.#parts = [];
      this.#partBytes = 0;
      this.events?.onMessage(parts.length === 1 ? parts[0]! : concat(parts), binary);
    }
    this.#grant();
  }

  /** Grants more once a quarter of the window is used up. */
  #grant(): void {
    if (!this.#reading || this.#closed) return;
    const { window, grants } = this.#options;
    const outstanding = this.#grantedBytes - this.#receivedBytes;
    if (window - outstanding < window / 4) return;
    const more = grants.take(window, outstanding);
    if (more === 0) return;
    this.#grantedBytes += more;
    this.#publish(creditFrame(this.#grantedBytes));
  }

  #enqueue(item: Queued): void {
    if (this.#closed) return;
    this.#queue.push(item);
    this.#queuedBytes += item.bytes.length;
    this.#flush();
  }

  /** @returns whether something was sent */
  #flush(): boolean {
    let sent = false;
    for (let item = this.#queue[0]; item && this.#sendPart(item); item = this.#queue[0]) {
      sent = true;
      if (item.at === item.bytes.length) this.#queue.shift();
    }
    return sent;
  }

  /** @returns false where nothing was sent: the peer has granted no more, or it is over */
  #sendPart(item: Queued): boolean {
    if (this.#closed) return false;
    if (item.ping !== undefined) {
      this.#publish(textFrame("ping", item.ping), true);
      return true;
    }
    const left = item.bytes.length - item.at;
    const room = this.#allowedBytes - this.#sentBytes - FLEET_FRAME_COST;
    const count = Math.min(FLEET_FRAME_BYTES, left, room);
    if (count < Math.min(left, 1)) return false;
    const part = item.bytes.subarray(item.at, item.at + count);
    this.#publish(dataFrame(part, this.#framesSent, count === left, item.binary));
    this.#framesSent = (this.#framesSent + 1) >>> 0;
    item.at += count;
    this.#sentBytes += count + FLEET_FRAME_COST;
    this.#queuedBytes -= count;
    return true;
  }

  #publish(frame: Uint8Array, answered = false): void {
    if (!this.#closed) this.#options.line.publish(frame, answered);
  }
}

const noBytes = new Uint8Array();
