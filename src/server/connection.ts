import { Buffer } from "node:buffer";
import { OUTGOING_MESSAGE_BYTES } from "../limits.ts";
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
import type { CodexHost } from "../codex/codex_host.ts";
import type { Environment } from "../process/child_environment.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import type { AnswerMemory } from "./answer_memory.ts";
import { ConnectionResources, type Notify } from "./connection_resources.ts";
import type { DescriptorReserve } from "../host/descriptor_reserve.ts";
import { refuseWhileShort } from "./descriptor_reserve.ts";
import { handlers } from "./handlers/all.ts";
import { EncodedResult, type HandlerContext } from "./handlers/handler.ts";
import { type Logger, unexpected } from "../observe/logger.ts";
import type { MessageSocket, SocketHandlers } from "../transport/message_socket.ts";
import { Outbox } from "./outbox.ts";
import { PeerWatch } from "./peer_watch.ts";
import { RequestQueue, type Unanswered } from "./request_queue.ts";
import type { Session } from "../session/session.ts";
import type { SessionHolder, SessionRegistry } from "../session/session_registry.ts";
import type { Screens } from "../screen/screens.ts";

/** What connections share. */
export interface ConnectionContext {
  readonly sessions: SessionRegistry;
  readonly screens: Screens;
  readonly logger: Logger;
  readonly os: PlatformOs;
  readonly environmentInfo: () => EnvironmentInfo;
  readonly codex: CodexHost;
  readonly disk: Disk;
  /** The server's own environment. */
  readonly environment: Environment;
  /** The descriptors kept back, where they can be counted. */
  readonly descriptors?: (() => DescriptorReserve | undefined) | undefined;
  /** How many requests of one connection may be served at once; 1 keeps answers in order. */
  readonly concurrentRequests: number;
  /** What the answers of all connections take. */
  readonly answers: AnswerMemory;
  /** Milliseconds between pings; `PING_INTERVAL_MS` by default. */
  readonly pingIntervalMs?: number | undefined;
}

/** One client on one socket: the handshake, its requests, and its session's events. */
export class Connection implements SocketHandlers, SessionHolder {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;

  readonly #id: string;
  readonly #socket: MessageSocket;
  readonly #context: ConnectionContext;
  readonly #outbox: Outbox;
  readonly #resources: ConnectionResources;
  readonly #calls: CallShare;
  readonly #disk: Disk;
  readonly #gone = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  readonly #requests: RequestQueue;
  readonly #peer: PeerWatch;
  #dropped = false;
  #session: Session | undefined;
  #initialized = false;

  constructor(id: string, socket: MessageSocket, context: ConnectionContext) {
    this.closed = this.#closed.promise;
    this.#id = id;
    this.#socket = socket;
    this.#context = context;
    this.#outbox = new Outbox(socket);
    this.#calls = waitingCalls.share();
    this.#disk = context.disk.sharing(this.#calls);
    this.#resources = new ConnectionResources(this.#notify, this.#disk, context.environment);
    this.#requests = new RequestQueue(socket, {
      concurrentRequests: context.concurrentRequests,
      serve: (message) => this.#handle(message),
      onFailure: (error) => this.#break(error),
    });
    this.#peer = new PeerWatch(socket, {
      hasSession: () => this.#session !== undefined,
      isRead: () => this.#requests.isReading,
      newestMark: () => this.#outbox.newestMark,
      intervalMs: context.pingIntervalMs,
      onLost: (reason) => this.#evict(reason),
    });
    socket.handlers = this;
    context.logger.info("connection opened", { connection: id, peer: socket.peer });
  }

  onMessage(text: string): void {
    this.#peer.hear();
    this.#enqueue(parseMessage(text), text.length);
  }

  onGarbage(reason: string): void {
    this.#enqueue({ kind: "malformed", reason }, 0);
  }

  onPong(payload: string): void {
    this.#peer.hear();
    this.#outbox.confirm(payload);
  }

  onDrain(): void {
    this.#peer.hear();
    this.#outbox.flush();
    this.#requests.advance();
  }

  onClose(): void {
    this.#peer[Symbol.dispose]();
    this.#gone.abort();
    try {
      this.#requests.end();
      this.#outbox.dispose();
      this.#resources.dispose();
    } catch (error) {
      this.#break(error); // All the same, its session is let go, and its place is free.
    }
    if (this.#session) this.#context.sessions.detach(this.#session);
    this.#context.logger.info("connection closed", {
      connection: this.#id,
      session: this.#session?.loggedId,
    });
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

  /** Bytes that the client has not taken yet. */
  get unreadBytes(): number {
    return this.#socket.bufferedBytes;
  }

  probe(): void {
    this.#peer.probe();
  }

  #enqueue(message: Message, chars: number): void {
    if (!this.#dropped) this.#requests.add(message, chars);
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
      if (method.keepsDescriptors) refuseWhileShort(this.#context.descriptors?.());
      const result = method.family === "handshake"
        ? this.#initialize(params as { clientName: string; resumeSessionId?: string })
        : this.#call(message.method, params);
      if (!(result instanceof Promise)) return this.#answer(id, result);
      const answered = result.then(
        (value) => this.#requests.whenRoom(() => this.#answer(id, value)),
        (error) => this.#fail(id, error),
      );
      return { answered, waits: method.waits === true };
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Bytes of the largest message that can be made and sent. */
  get #largestMessageBytes(): number {
    return Math.min(this.#socket.largestMessageBytes, OUTGOING_MESSAGE_BYTES);
  }

  #call(name: string, params: unknown): unknown {
    const { screens, logger, os, environmentInfo, codex } = this.#context;
    const context: HandlerContext = {
      session: this.#session!,
      outbox: this.#outbox,
      resources: this.#resources,
      screens,
      logger,
      os,
      environmentInfo,
      codex,
      calls: this.#calls,
      disk: this.#disk,
      largestAnswerBytes: this.#largestMessageBytes,
      answers: this.#context.answers,
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
    this.#outbox.attach(this.#session);
    logger.info(resumed ? "session resumed" : "session created", {
      connection: this.#id,
      session: this.#session.loggedId,
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

  readonly #notify: Notify = (method, params) => {
    if (this.#gone.signal.aborted) return;
    this.#socket.send(formatNotification(method, params));
    return this.#requests.room();
  };

  #answer(id: string, result: unknown): undefined {
    try {
      this.#send(id, result);
    } finally {
      if (result instanceof EncodedResult) result.onOver?.();
    }
  }

  #send(id: string, result: unknown): undefined {
    if (this.#gone.signal.aborted) return;
    const encoded = result instanceof EncodedResult ? result : undefined;
    let text: string;
    try {
      text = encoded ? `{"id":${id},"result":${encoded.encode()}}` : formatResult(id, result);
    } catch (error) {
      return this.#fail(id, error); // Such as a text that is longer than the engine can hold.
    }
    const limit = this.#largestMessageBytes;
    if (!fits(text, limit)) return this.#fail(id, invalidRequest(tooLarge(Buffer.byteLength(text), limit)));
    this.#socket.send(text);
    encoded?.onSent?.();
  }

  #fail(id: string, error: unknown): undefined {
    const failure = fromOsError(error);
    if (failure.code === errorCodes.internal && !(error instanceof RpcError)) {
      this.#context.logger.error("request failed", { connection: this.#id, reason: failure.message });
    }
    const text = formatError(id, failure);
    if (!fits(text, this.#largestMessageBytes)) return this.#drop("the id is too long to be answered");
    this.#socket.send(text);
  }

  /** Ends the connection for what the client did. Nothing more of what it sent is served. */
  #drop(reason: string, method?: string): undefined {
    this.#context.logger.warn("connection dropped", { connection: this.#id, reason, method });
    this.#dropped = true;
    this.#requests.clear();
    this.#socket.close(1002, reason);
  }

  /** Ends the connection for a fault of this program: a client that waits for what was lost would wait for ever. */
  #break(error: unknown): void {
    this.#context.logger.error("connection failed", { connection: this.#id, ...unexpected(error) });
    if (!this.#gone.signal.aborted) this.#socket.terminate();
  }

  #evict(reason: string): void {
    this.#context.logger.warn("connection evicted", { connection: this.#id, reason });
    this.#socket.terminate();
  }
}

/** In the words of the reference server. */
function unknownMethod(name: string): RpcError {
  return new RpcError(errorCodes.methodNotFound, `exec-server stub does not implement \`${name}\` yet`);
}

/** Whether a text has so many bytes at the most. Only one that may have more is measured. */
function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes;
}

function tooLarge(bytes: number, limit: number): string {
  return `the answer has ${bytes} bytes, above the limit of ${limit} for one message; ` +
    `a file can be read in parts with fs/open and fs/readBlock`;
}
