import {
  ANSWERS_HIGH_WATER_BYTES,
  HANDSHAKE_MS,
  HOLDER_PROBE_MS,
  PEER_SILENT_PINGS,
  PING_INTERVAL_MS,
  REQUEST_OVERHEAD_BYTES,
  WAITING_REQUEST_BYTES,
  WAITING_REQUESTS,
} from "../limits.ts";
import { decodeParams } from "../protocol/decode.ts";
import {
  formatError,
  formatMalformed,
  formatNotification,
  formatResult,
  type Message,
  parseMessage,
  type RequestMessage,
} from "../protocol/envelope.ts";
import { errorCodes, invalidRequest, RpcError } from "../protocol/errors.ts";
import { findMethod, type MethodDefinition } from "../protocol/methods.ts";
import { fromOsError } from "../protocol/os_errors.ts";
import type { PlatformOs } from "../protocol/file_uri.ts";
import type { Disk } from "../file_system/disk.ts";
import type { Machine } from "../environment/machine.ts";
import type { Environment } from "../process/child_environment.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { ConnectionResources, type Notify } from "./connection_resources.ts";
import { handlers } from "./handlers/all.ts";
import { EncodedResult, type HandlerContext } from "./handlers/handler.ts";
import type { Logger } from "./logger.ts";
import type { MessageSocket, SocketHandlers } from "./message_socket.ts";
import { Outbox } from "./outbox.ts";
import type { Session, SessionHolder, SessionRegistry } from "./session.ts";
import type { Screens } from "../terminal/screens.ts";

/** What connections share. */
export interface ConnectionContext {
  readonly sessions: SessionRegistry;
  readonly screens: Screens;
  readonly logger: Logger;
  readonly os: PlatformOs;
  readonly environmentInfo: () => EnvironmentInfo;
  readonly machine: Machine;
  readonly disk: Disk;
  /** The server's own environment. */
  readonly environment: Environment;
  /** How many requests of one connection may be served at once; 1 keeps answers in order. */
  readonly concurrentRequests: number;
}

/** A message and what it costs to hold until it is served. */
interface Waiting {
  readonly message: Message;
  readonly bytes: number;
}

/** A request that is not answered yet. */
interface Unanswered {
  readonly answered: Promise<void>;
  /** Whether later requests go ahead of it. */
  readonly waits: boolean;
}

/**
 * One client on one socket: the handshake, its requests in order, and its session's events.
 *
 * Requests begin in the order they came. The next one begins when the one before is answered, except that nobody waits
 * for a method that itself waits for something to happen.
 */
export class Connection implements SocketHandlers, SessionHolder {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;

  readonly #id: string;
  readonly #socket: MessageSocket;
  readonly #context: ConnectionContext;
  readonly #outbox: Outbox;
  readonly #resources: ConnectionResources;
  readonly #gone = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  readonly #queue: Waiting[] = [];
  /** Bytes of the queue and of the requests that are not answered yet. */
  #heldBytes = 0;
  /** Answers that are ready and wait for room in the socket. */
  readonly #answers: (() => void)[] = [];
  #serving = 0;
  #reading = true;
  #dropped = false;
  #session: Session | undefined;
  #initialized = false;
  /**
   * Pings sent since the last sign of life. They are counted, not timed: a server that was held up itself, such as by a
   * pager that its own output waits for, must not blame its peers.
   */
  #silentPings = 0;
  readonly #openedAt = performance.now();
  #buffered = 0;
  readonly #pings: ReturnType<typeof setInterval>;
  #probe: ReturnType<typeof setTimeout> | undefined;
  /** Whether the peer has given a sign of life since it was last probed. */
  #heard = false;

  constructor(id: string, socket: MessageSocket, context: ConnectionContext) {
    this.closed = this.#closed.promise;
    this.#id = id;
    this.#socket = socket;
    this.#context = context;
    this.#outbox = new Outbox(socket);
    this.#resources = new ConnectionResources(this.#notify, context.disk, context.environment);
    this.#pings = setInterval(() => this.#checkPeer(), PING_INTERVAL_MS);
    socket.handlers = this;
    context.logger.info("connection opened", { connection: id, peer: socket.peer });
  }

  onMessage(text: string): void {
    this.#hear();
    this.#enqueue(parseMessage(text), text.length);
  }

  onGarbage(reason: string): void {
    this.#enqueue({ kind: "malformed", reason }, 0);
  }

  onPong(payload: string): void {
    this.#hear();
    this.#outbox.confirm(payload);
  }

  onDrain(): void {
    this.#hear();
    this.#outbox.flush();
    this.#serve();
  }

  onClose(): void {
    clearInterval(this.#pings);
    clearTimeout(this.#probe);
    this.#gone.abort();
    for (const answer of this.#answers.splice(0)) answer();
    // What arrived before the end is done all the same: clients send a last terminate and go.
    this.#serve();
    this.#outbox.dispose();
    this.#resources.dispose();
    if (this.#session) this.#context.sessions.detach(this.#session);
    this.#context.logger.info("connection closed", { connection: this.#id, session: this.#session?.id });
    this.#closed.resolve();
  }

  /** Says goodbye to the client; its session stays. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Ends the socket at once. */
  terminate(): void {
    this.#socket.terminate();
  }

  probe(): void {
    if (this.#probe !== undefined || !this.#socket.hasPings) return;
    this.#heard = false;
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (!this.#heard) this.#evict("gives no sign of life while its session is asked for");
    }, HOLDER_PROBE_MS);
    this.#socket.ping("");
  }

  #hear(): void {
    this.#silentPings = 0;
    this.#heard = true;
  }

  #enqueue(message: Message, chars: number): void {
    if (this.#dropped) return;
    const bytes = chars + REQUEST_OVERHEAD_BYTES;
    this.#queue.push({ message, bytes });
    this.#heldBytes += bytes;
    this.#serve();
  }

  /** Serves waiting messages as far as their turn has come and the client takes its answers. */
  #serve(): void {
    while (this.#answers.length > 0 && this.#hasRoom()) this.#answers.shift()!();
    while (this.#serving < this.#context.concurrentRequests && this.#queue.length > 0 && this.#hasRoom()) {
      const { message, bytes } = this.#queue.shift()!;
      const unanswered = this.#handle(message);
      if (!unanswered) {
        this.#heldBytes -= bytes;
        continue;
      }
      const { answered, waits } = unanswered;
      if (!waits) this.#serving++;
      answered.finally(() => {
        this.#heldBytes -= bytes;
        if (!waits) this.#serving--;
        this.#serve();
      });
    }
    const reading = this.#queue.length < WAITING_REQUESTS && this.#heldBytes < WAITING_REQUEST_BYTES;
    if (reading !== this.#reading) this.#socket.setReading(this.#reading = reading);
  }

  #hasRoom(): boolean {
    return this.#gone.signal.aborted || this.#socket.bufferedBytes < ANSWERS_HIGH_WATER_BYTES;
  }

  /** Handles one message, at once unless it is a request that takes time. */
  #handle(message: Message): Unanswered | undefined {
    switch (message.kind) {
      case "request":
        return this.#request(message);
      case "notification":
        if (message.method === "initialized" && this.#session) {
          this.#initialized = true;
          return;
        }
        return this.#drop("unexpected notification", message.method);
      case "response":
        return this.#drop("an answer that answers no request");
      case "malformed":
        this.#socket.send(formatMalformed(message.reason));
    }
  }

  #request(message: RequestMessage): Unanswered | undefined {
    const { id } = message;
    try {
      const method = findMethod(message.method);
      if (!method) throw unknownMethod(message.method);
      const params = decodeParams(method.params, message.params);
      this.#checkState(method);
      const result = method.family === "handshake"
        ? this.#initialize(params as { clientName: string; resumeSessionId?: string })
        : this.#call(message.method, params);
      if (!(result instanceof Promise)) return this.#answer(id, result);
      const answered = result.then(
        (value) => this.#answerWhenRoom(id, value),
        (error) => this.#fail(id, error),
      );
      return { answered, waits: method.waits === true };
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #call(name: string, params: unknown): unknown {
    const { screens, logger, os, environmentInfo, machine, disk } = this.#context;
    const context: HandlerContext = {
      session: this.#session!,
      outbox: this.#outbox,
      resources: this.#resources,
      screens,
      logger,
      os,
      environmentInfo,
      machine,
      disk,
      signal: this.#gone.signal,
    };
    // The table's types tie each handler to its schema; here, where the name is only text, they are let go.
    const handler = handlers[name as keyof typeof handlers] as (
      params: unknown,
      context: HandlerContext,
    ) => unknown;
    return handler(params, context);
  }

  #initialize(params: { clientName: string; resumeSessionId?: string | undefined }): unknown {
    if (this.#session) throw invalidRequest("initialize may only be sent once per connection");
    const { sessions, logger, environmentInfo } = this.#context;
    const resumed = params.resumeSessionId !== undefined;
    this.#session = resumed ? sessions.resume(params.resumeSessionId!, this) : sessions.create(this);
    for (const process of this.#session.processes.values()) this.#outbox.follow(process);
    logger.info(resumed ? "session resumed" : "session created", {
      connection: this.#id,
      session: this.#session.id,
      client: params.clientName,
    });
    return { sessionId: this.#session.id, environmentInfo: environmentInfo() };
  }

  #checkState({ family }: MethodDefinition): void {
    if (family === "handshake") return;
    if (!this.#session) throw invalidRequest(`client must call initialize before using ${family} methods`);
    if (!this.#initialized) {
      throw invalidRequest(`client must send initialized before using ${family} methods`);
    }
  }

  /** Many requests may come to an end at once: their answers are encoded one by one, as the client takes them. */
  #answerWhenRoom(id: string, result: unknown): Promise<void> | undefined {
    if (this.#answers.length === 0 && this.#hasRoom()) return this.#answer(id, result);
    return new Promise((resolve) => this.#answers.push(() => resolve(this.#answer(id, result))));
  }

  readonly #notify: Notify = (method, params) => {
    if (this.#gone.signal.aborted) return;
    this.#socket.send(formatNotification(method, params));
    if (!this.#hasRoom()) return new Promise((resolve) => this.#answers.push(resolve));
  };

  #answer(id: string, result: unknown): undefined {
    if (this.#gone.signal.aborted) return;
    const encoded = result instanceof EncodedResult ? result : undefined;
    const text = encoded ? `{"id":${id},"result":${encoded.encode()}}` : formatResult(id, result);
    const limit = this.#socket.largestMessageBytes;
    if (text.length > limit) return this.#fail(id, invalidRequest(tooLarge(text.length, limit)));
    this.#socket.send(text);
    encoded?.onSent?.();
  }

  #fail(id: string, error: unknown): undefined {
    const failure = fromOsError(error);
    if (failure.code === errorCodes.internal && !(error instanceof RpcError)) {
      this.#context.logger.error("request failed", { connection: this.#id, reason: failure.message });
    }
    this.#socket.send(formatError(id, failure));
  }

  /** Ends the connection for what the client did. Nothing more of what it sent is served. */
  #drop(reason: string, method?: string): undefined {
    this.#context.logger.warn("connection dropped", { connection: this.#id, reason, method });
    this.#dropped = true;
    this.#queue.length = 0;
    this.#socket.close(1002, reason);
  }

  /** Pings, and evicts a peer that has long given no sign of life. */
  #checkPeer(): void {
    const buffered = this.#socket.bufferedBytes;
    // Bytes that it takes are a sign too, and a peer that is not read cannot be heard.
    if (buffered < this.#buffered || !this.#reading) this.#silentPings = 0;
    this.#buffered = buffered;
    const silent = this.#silentPings >= PEER_SILENT_PINGS;
    const stranger = !this.#session && performance.now() - this.#openedAt > HANDSHAKE_MS;
    if (this.#socket.hasPings && (silent || stranger)) {
      this.#evict(silent ? "gives no sign of life" : "sent no initialize");
    } else {
      this.#socket.ping("");
      this.#silentPings++;
    }
  }

  #evict(reason: string): void {
    this.#context.logger.warn("connection evicted", { connection: this.#id, reason });
    this.#socket.terminate();
  }
}

function unknownMethod(name: string): RpcError {
  return new RpcError(errorCodes.methodNotFound, `exec-server stub does not implement \`${name}\` yet`);
}

function tooLarge(bytes: number, limit: number): string {
  return `the answer has ${bytes} bytes, above the limit of ${limit} for one message; ` +
    `a file can be read in parts with fs/open and fs/readBlock`;
}
