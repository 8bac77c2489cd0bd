import { errorCodes } from "../protocol/errors.ts";
import { parseBinaryAnswer } from "../protocol/binary_answers.ts";
import { isFrame } from "../protocol/binary_frame.ts";
import { type BinaryMessage, formatBinaryRequest, paramsInText } from "../protocol/binary_requests.ts";
import {
  formatError,
  formatNotification,
  formatRequest,
  formatResult,
  type Message,
  parseMessage,
  parseUtf8,
  type RequestMessage,
} from "../protocol/envelope.ts";
import type { MethodName, ParamsSent, ResultOf } from "../protocol/methods.ts";
import { Call, type CallOptions } from "./call.ts";
import { ConnectionError, type Transport, type TransportHandlers } from "../transport/transport.ts";

/** What a link tells its client. */
export interface LinkEvents {
  /** @returns false for a notification that does not decode, which ends the connection */
  onNotification(method: string, params: unknown): boolean;
  /** @returns what answers what the server asks for; undefined where nobody can */
  onRequest(method: string, params: unknown): Promise<unknown> | undefined;
  /** The connection is lost. Called once, with the client's calls that were not answered, in call order. */
  onLost(reason: string, unanswered: readonly Call[]): void;
}

/** One connection: what was called on it and is not answered yet. A client has one after the other. */
export class Link implements TransportHandlers {
  readonly #transport: Transport;
  readonly #events: LinkEvents;
  readonly #calls = new Map<string, Call>();
  /** Calls of the client's own, which are not taken along to the next connection. */
  readonly #own = new Set<Call>();
  #heardAt = performance.now();
  #callNumber = 0;
  #reading = true;
  #confirming = true;
  #lost: string | undefined;
  #usesFrames = false;

  constructor(transport: Transport, events: LinkEvents) {
    this.#transport = transport;
    this.#events = events;
    transport.handlers = this;
  }

  /** When the server last gave a sign of life, by `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** How many calls wait for their answers. */
  get pendingCalls(): number {
    return this.#calls.size;
  }

  /** Whether it is reading; while it is not, nothing can be heard. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Why it was lost, if it was. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Sends a call that outlives this connection. */
  send(call: Call): void {
    if (call.settled) return;
    const id = ++this.#callNumber;
    this.#calls.set(String(id), call);
    let message: string | BinaryMessage;
    try {
      message = this.#format(id, call);
    } catch (error) {
      this.#calls.delete(String(id));
      this.#own.delete(call);
      return call.reject(error as Error);
    }
    call.markSent();
    if (typeof message === "string") this.#transport.send(message);
    else this.#transport.sendBinary!(message.head, message.bytes);
  }

  /** Lets what holds bytes go as binary frames, once the server has answered; nobody waits for that. */
  useBinaryFrames(): void {
    if (!this.#transport.sendBinary) return;
    this.request("connection/useBinaryFrames", null).then(() => this.#usesFrames = true, () => {});
  }

  /**
   * Calls a method on this connection only.
   *
   * @throws {RpcError} the server's refusal
   * @throws {ConnectionError} when this connection is lost
   */
  async request<Name extends MethodName>(
    method: Name,
    params: ParamsSent<Name>,
    options?: CallOptions,
  ): Promise<ResultOf<Name>> {
    if (this.#lost !== undefined) throw new ConnectionError(this.#lost);
    const call = new Call(method, params, options);
    this.#own.add(call);
    this.send(call);
    return await call.answer as ResultOf<Name>;
  }

  notify(method: string, params: unknown): void {
    this.#transport.send(formatNotification(method, params));
  }

  /** Stops and starts telling the server that what it sent has arrived. */
  setConfirming(confirming: boolean): void {
    if (confirming === this.#confirming) return;
    this.#confirming = confirming;
    this.#transport.setConfirming?.(confirming);
  }

  /** Stops and starts reading. */
  setReading(reading: boolean): void {
    if (reading === this.#reading) return;
    this.#reading = reading;
    this.#heardAt = performance.now();
    this.#transport.setReading(reading);
  }

  /** Asks for a sign of life: below the messages where the transport can, since a busy server answers late. */
  ping(): void {
    // A server must hear from a client that has stopped reading, and a ping's answer would not be read.
    if (this.#transport.ping && this.#reading) this.#transport.ping();
    else this.request("environment/status", null).catch(() => {});
  }

  /** Ends it, whatever the transport makes of that. */
  close(reason: string): void {
    this.#transport.close();
    this.onClose(reason);
  }

  onMessage(text: string): void {
    if (this.#lost === undefined) this.#take(parseMessage(text));
  }

  onBinary(message: Uint8Array): void {
    if (this.#lost !== undefined) return;
    this.#take(isFrame(message) ? parseBinaryAnswer(message) : parseUtf8(message));
  }

  #format(id: number, { method, params }: Call): string | BinaryMessage {
    const frame = this.#usesFrames ? formatBinaryRequest(id, method, params) : undefined;
    return frame ?? formatRequest(id, method, paramsInText(method, params));
  }

  #take(message: Message): void {
    this.#heardAt = performance.now();
    switch (message.kind) {
      case "response": {
        const call = this.#calls.get(message.id);
        this.#calls.delete(message.id);
        if (call) this.#own.delete(call);
        return call?.accept(message.outcome);
      }
      case "notification":
        if (!this.#events.onNotification(message.method, message.params)) {
          this.close(`The server sent a wrong ${message.method}`);
        }
        return;
      case "request":
        return this.#answer(message);
      case "malformed":
        this.close(`The server sent a message that cannot be understood: ${message.reason}`);
    }
  }

  #answer({ id, method, params }: RequestMessage): void {
    const answered = this.#events.onRequest(method, params);
    if (!answered) return this.#transport.send(cannotAnswer(id, method));
    const send = (text: string) => {
      if (this.#lost === undefined) this.#transport.send(text);
    };
    void answered.then((result) => send(formatResult(id, result)), () => send(cannotAnswer(id, method)));
  }

  onPong(): void {
    this.#heardAt = performance.now();
  }

  onClose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of this.#own) call.reject(new ConnectionError(reason));
    this.#events.onLost(reason, calls.filter((call) => !this.#own.has(call)));
  }
}

/** What a server is told that asks something of this client which it does not know. */
function cannotAnswer(id: string, method: string): string {
  return formatError(id, {
    code: errorCodes.methodNotFound,
    message: `exec-server client does not implement \`${method}\` yet`,
  });
}
