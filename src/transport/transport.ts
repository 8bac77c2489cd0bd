import { osErrorCode } from "../native/os_errors.ts";

/** Whole text messages in both directions, as both ends of a connection have them. */
export interface Transport {
  /** Where its events go; set once, before anything arrives. */
  handlers: TransportHandlers | undefined;
  /** Sends one message, whatever its size; it never waits. Nothing happens once it is closed. */
  send(text: string): void;
  /**
   * Sends one binary message of two parts, which are not changed any more. Otherwise as `send`; absent where a transport
   * carries text only.
   */
  sendBinary?(head: Uint8Array, bytes: Uint8Array): void;
  /**
   * Stops and starts telling the other end that what it sent has arrived, where it can. A server that is not told holds
   * output back, while its answers still come.
   */
  setConfirming?(confirming: boolean): void;
  /** Stops and starts reading, where it can; then answers do not come either. */
  setReading(reading: boolean): void;
  /**
   * Asks the other end for a pong with this payload of at most 125 bytes, below the messages; absent where the transport
   * has no such thing.
   */
  ping?(payload?: string): void;
  /**
   * Ends it; `onClose` follows. The other end is told a code and a reason, where they are given and the transport has such
   * a thing: plain ASCII of at most 123 characters, since a frame holds no more.
   */
  close(code?: number, reason?: string): void;
}

/** What happens on a transport. */
export interface TransportHandlers {
  /** One message. */
  onMessage(text: string): void;
  /** One binary message, which is the listener's from now on. */
  onBinary?(message: Uint8Array): void;
  /** One message that is no text, and why. */
  onGarbage?(reason: string): void;
  /** The answer to a ping, with its payload. */
  onPong?(payload?: string): void;
  /** Bytes that were buffered are taken: there is room again. */
  onDrain?(): void;
  /** It is over. Called once. */
  onClose(reason: string): void;
}

/** What every attempt to connect is given. */
export interface ConnectOptions {
  /** Milliseconds for this attempt. */
  readonly timeoutMs: number;
}

/** Makes transports to one server, over and over. */
export interface Connector {
  /** Whether a session outlives its transport, so that connecting again makes sense. */
  readonly resumable: boolean;
  /** @throws {ConnectionError} when the server cannot be reached */
  connect(options: ConnectOptions): Promise<Transport>;
}

/** What is known of a connection that failed. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** The HTTP status with which the server refused, where it did. */
  status?: number | undefined;
}

/** The connection to a server was lost, or could not be made. */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
  readonly status: number | undefined;
  /** The operating system's word where there is one, such as `ECONNREFUSED`; otherwise `ECONNECTION`. */
  readonly code: string;

  constructor(message: string, options: ConnectionErrorOptions = {}) {
    super(message, options);
    this.status = options.status;
    this.code = osErrorCode(options.cause) ?? "ECONNECTION";
  }

  /** Whether another attempt may go better: anything but a plain refusal of the request. */
  get retryable(): boolean {
    return this.status === undefined || this.status >= 500;
  }
}

/**
 * The connection was lost before a call was answered, and the call must not be sent twice. It may or may not have
 * happened. The client itself goes on.
 */
export class InterruptedCallError extends ConnectionError {
  override readonly name: string = "InterruptedCallError";
  readonly method: string;

  constructor(method: string) {
    super(`The connection was lost before ${method} was answered; it may or may not have happened`);
    this.method = method;
  }
}
