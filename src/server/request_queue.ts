import {
  ANSWERS_HIGH_WATER_BYTES,
  REQUEST_OVERHEAD_CHARS,
  WAITING_REQUEST_CHARS,
  WAITING_REQUESTS,
} from "../limits.ts";
import type { Message } from "../protocol/envelope.ts";
import type { MessageSocket } from "../transport/message_socket.ts";

/** A request that is not answered yet. */
export interface Unanswered {
  /** Rejects where no answer could be sent. */
  readonly answered: Promise<void>;
  /** Whether later requests go ahead of it. */
  readonly waits: boolean;
}

/** How messages are served. */
export interface RequestQueueOptions {
  /** How many may be served at once; 1 keeps answers in order. */
  readonly concurrentRequests: number;
  /** Serves one, at once unless it is a request that takes time. */
  readonly serve: (message: Message) => Unanswered | undefined;
  /** A message was not served, and whoever sent it could not be told. */
  readonly onFailure: (error: unknown) => void;
  /** Told how many milliseconds a message waited for its turn. */
  readonly onWaited?: ((milliseconds: number) => void) | undefined;
}

/** A message and what it costs to hold until it is served. */
interface Waiting {
  readonly message: Message;
  readonly chars: number;
  /** When it came, where somebody wants to know. */
  readonly since: number | undefined;
}

/**
 * The messages of one client, which are served as fast as it takes the answers.
 *
 * They begin in the order they came. The next one begins when the one before is answered, except that nobody waits for a
 * method that itself waits for something to happen. A client that is far ahead is not read until it no longer is.
 */
export class RequestQueue {
  readonly #socket: MessageSocket;
  readonly #options: RequestQueueOptions;
  readonly #queue: Waiting[] = [];
  /** Characters of the queue and of the requests that are not answered yet. */
  #heldChars = 0;
  /** What waits for the client to take what it was sent. */
  readonly #waitingForRoom: (() => void)[] = [];
  #serving = 0;
  #isReading = true;
  #isOver = false;

  constructor(socket: MessageSocket, options: RequestQueueOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Whether further messages are read. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Whether the client takes its answers, so that one more may be made. Nobody waits for a client that is gone. */
  get hasRoom(): boolean {
    return this.#isOver || this.#socket.bufferedBytes < ANSWERS_HIGH_WATER_BYTES;
  }

  /** Takes a message of so many characters. */
  add(message: Message, chars: number): void {
    const held = chars + REQUEST_OVERHEAD_CHARS;
    const since = this.#options.onWaited && performance.now();
    this.#queue.push({ message, chars: held, since });
    this.#heldChars += held;
    this.advance();
  }

  /** Serves what waits, as far as its turn has come and there is room. */
  advance(): void {
    while (this.#waitingForRoom.length > 0 && this.hasRoom) this.#waitingForRoom.shift()!();
    while (this.#serving < this.#options.concurrentRequests && this.#queue.length > 0 && this.hasRoom) {
      const { message, chars, since } = this.#queue.shift()!;
      if (since !== undefined) this.#options.onWaited!(performance.now() - since);
      const unanswered = this.#serve(message);
      if (!unanswered) {
        this.#heldChars -= chars;
        continue;
      }
      const { answered, waits } = unanswered;
      if (!waits) this.#serving++;
      answered.catch(this.#options.onFailure).then(() => {
        this.#heldChars -= chars;
        if (!waits) this.#serving--;
        this.advance();
      });
    }
    const isReading = this.#queue.length < WAITING_REQUESTS && this.#heldChars < WAITING_REQUEST_CHARS;
    if (isReading !== this.#isReading) this.#socket.setReading(this.#isReading = isReading);
  }

  /**
   * Does something at once if there is room, and else when there is, in the order of the calls: many requests may come to
   * an end at once, and their answers are encoded one by one.
   */
  whenRoom(action: () => void): Promise<void> | undefined {
    if (this.#waitingForRoom.length === 0 && this.hasRoom) return void action();
    return new Promise((resolve, reject) =>
      this.#waitingForRoom.push(() => {
        try {
          resolve(action());
        } catch (error) {
          reject(error); // Its caller's alone: others wait behind it.
        }
      })
    );
  }

  /** Resolves when there is room, after what has waited longer; undefined where there is. */
  room(): Promise<void> | undefined {
    if (this.hasRoom) return undefined;
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Forgets what has not been begun. */
  clear(): void {
    this.#queue.length = 0;
  }

  /** The client is gone. What arrived before is done all the same: clients send a last terminate and go. */
  end(): void {
    this.#isOver = true;
    this.advance();
  }

  #serve(message: Message): Unanswered | undefined {
    try {
      return this.#options.serve(message);
    } catch (error) {
      this.#options.onFailure(error); // Not thrown: whoever reads the socket would stop in the middle of a message.
    }
  }
}
