import { isFrame } from "../protocol/binary_frame.ts";
import { parseBinaryRequest } from "../protocol/binary_requests.ts";
import {
  formatMalformed,
  formatNotification,
  type Message,
  parseMessage,
  parseUtf8,
  type RequestMessage,
} from "../protocol/envelope.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ParamsOf, ResultSent } from "../protocol/methods.ts";
import type { Role } from "../protocol/roles.ts";
import type { DescriptorReserve } from "../host/descriptor_reserve.ts";
import { type Logger, unexpected } from "../observe/logger.ts";
import type { MessageSocket, SocketHandlers } from "../transport/message_socket.ts";
import type { SessionHolder } from "../session/session_registry.ts";
import { Answers } from "./answers.ts";
import type { Notify } from "./connection_resources.ts";
import { ClientRequests } from "./client_requests.ts";
import { type Call, Dispatcher, type Outcome } from "./dispatcher.ts";
import { decode } from "./layers/decode.ts";
import { descriptors } from "./layers/descriptors.ts";
import { failureLog, logFailure } from "./layers/failure_log.ts";
import { HeldResult } from "./handlers/handler.ts";
import { handshake } from "./layers/handshake.ts";
import { metricsLayer } from "./layers/metrics.ts";
import { tracingLayer } from "./layers/tracing.ts";
import { rolesLayer } from "./layers/roles.ts";
import { Outbox } from "./outbox.ts";
import { PeerWatch } from "./peer_watch.ts";
import { RequestQueue, type Unanswered } from "./request_queue.ts";
import type { ServerMetrics } from "./server_metrics.ts";
import { ServedClient, type ServiceContext } from "./served_client.ts";

/** What connections share. */
export interface ConnectionContext extends ServiceContext {
  readonly logger: Logger;
  /** The descriptors kept back, where they can be counted. */
  readonly descriptors?: (() => DescriptorReserve | undefined) | undefined;
  /** Whether clients with other credentials have no part in a client's processes; false by default. */
  readonly isolatesSessions?: boolean;
  /** Resolves when processes may be started; undefined where they may. */
  readonly ready: () => Promise<void> | undefined;
  /** How many requests of one connection may be served at once; 1 keeps answers in order. */
  readonly concurrentRequests: number;
  /** Milliseconds between pings; `PING_INTERVAL_MS` by default. */
  readonly pingIntervalMs?: number | undefined;
  /** Where what happens is counted, if anywhere. */
  readonly metrics?: ServerMetrics | undefined;
}

/** One client on one socket: the handshake, its requests, and its session's events. */
export class Connection implements SocketHandlers, SessionHolder {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;

  readonly #id: string;
  readonly #role: Role;
  /** Who it is, as far as that counts. */
  readonly #who: string | undefined;
  readonly #socket: MessageSocket;
  readonly #context: ConnectionContext;
  readonly #outbox: Outbox;
  readonly #gone = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  readonly #requests: RequestQueue;
  readonly #dispatcher: Dispatcher;
  readonly #answers: Answers;
  readonly #peer: PeerWatch;
  readonly #asked: ClientRequests;
  #dropped = false;
  #client: ServedClient | undefined;
  #initialized = false;
  #usesFrames = false;

  /**
   * @param role what the client's credential lets it do
   * @param who tells it from clients with other credentials
   */
  constructor(
    id: string,
    socket: MessageSocket,
    context: ConnectionContext,
    role: Role = "full",
    who?: string,
  ) {
    this.#who = context.isolatesSessions ? who : undefined;
    this.closed = this.#closed.promise;
    this.#id = id;
    this.#role = role;
    this.#socket = socket;
    this.#context = context;
    this.#outbox = new Outbox(socket);
    this.#requests = new RequestQueue(socket, {
      concurrentRequests: context.concurrentRequests,
      serve: (message) => this.#handle(message),
      onFailure: (error) => this.#break(error),
      onWaited: context.metrics && ((milliseconds) => context.metrics!.waited(milliseconds)),
    });
    this.#answers = new Answers(socket, {
      gone: this.#gone.signal,
      onFailure: (error) => logFailure(context.logger, id, error),
      onUnanswerable: (reason) => this.#drop(reason),
    });
    this.#dispatcher = new Dispatcher([
      ...(context.metrics ? [metricsLayer(context.metrics)] : []),
      failureLog(context.logger, id),
      rolesLayer(role),
      decode,
      ...(context.processTracing ? [tracingLayer(context.processTracing.tracing)] : []),
      handshake({
        hasSession: () => this.#client !== undefined,
        isInitialized: () => this.#initialized,
      }),
      descriptors(context.descriptors),
    ], (call) => this.#serve(call));
    this.#asked = new ClientRequests((text) => socket.send(text));
    this.#peer = new PeerWatch(socket, {
      hasSession: () => this.#client !== undefined,
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

  onBinary(message: Uint8Array): void {
    this.#peer.hear();
    this.#enqueue(
      this.#usesFrames && isFrame(message) ? parseBinaryRequest(message) : parseUtf8(message),
      message.length,
    );
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
    this.#asked.end();
    try {
      this.#requests.end();
      this.#outbox.dispose();
      this.#client?.[Symbol.dispose]();
    } catch (error) {
      this.#break(error); // All the same, its session is let go, and its place is free.
    }
    if (this.#client) this.#context.sessions.detach(this.#client.session);
    this.#context.logger.info("connection closed", {
      connection: this.#id,
      session: this.#client?.session.loggedId,
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
    if (this.#dropped) return;
    // A request may be waiting for it that all others wait for.
    if (message.kind === "response") this.#handle(message);
    else this.#requests.add(message, chars);
  }

  /** Handles one message, at once unless it is a request that takes time. */
  #handle(message: Message): Unanswered | undefined {
    switch (message.kind) {
      case "request":
        return this.#request(message);
      case "notification":
        if (message.method === "initialized" && this.#client) {
          this.#initialized = true;
          return;
        }
        return this.#drop("unexpected notification", message.method);
      case "response":
        if (this.#asked.accept(message)) return;
        return this.#drop("an answer that answers no request");
      case "malformed":
        this.#socket.send(formatMalformed(message.reason));
    }
  }

  #request(message: RequestMessage): Unanswered | undefined {
    const { id } = message;
    let call: Call | undefined;
    try {
      call = this.#dispatcher.read(message);
      const isDelayed = this.#readyFor(call) !== undefined;
      const given = this.#dispatcher.dispatch(call);
      const outcome = given instanceof HeldResult ? given.result : given;
      if (!(outcome instanceof Promise)) return this.#answers.send(id, outcome);
      const answered = outcome.then(
        (result) => this.#requests.whenRoom(() => this.#answers.send(id, result)),
        (error) => this.#answers.fail(id, error),
      );
      // The requests behind a start that waits for the server itself are about its process; but it may wait for its client, too.
      const waits = call.method.waits === true && (!isDelayed || asksFirst(call));
      return { answered, waits: waits || given instanceof HeldResult };
    } catch (error) {
      if (!call) this.#context.metrics?.requested("other", "refused", 0);
      this.#answers.fail(id, error);
    }
  }

  #serve(call: Call): Outcome {
    if (call.name === "initialize") {
      void this.#context.ready(); // It begins to get ready, and the client need not wait.
      return this.#initialize(call.params as ParamsOf<"initialize">);
    }
    const client = this.#client!;
    const ready = this.#readyFor(call);
    return ready === undefined ? client.serve(call) : ready.then(() => client.serve(call));
  }

  /** What a call is to wait for. */
  #readyFor({ name }: Call): Promise<void> | undefined {
    return name === "process/start" ? this.#context.ready() : undefined;
  }

  #initialize({ clientName, resumeSessionId }: ParamsOf<"initialize">): ResultSent<"initialize"> {
    if (this.#client) throw invalidRequest("initialize may only be sent once per connection");
    const { sessions, logger } = this.#context;
    const binaryMessages = this.#socket.sendBinary !== undefined;
    const environmentInfo = () => this.#context.environmentInfo(binaryMessages);
    const session = resumeSessionId === undefined
      ? sessions.create(this, clientName, this.#who)
      : sessions.resume(resumeSessionId, this, this.#who);
    this.#client = new ServedClient(session, this.#context, {
      outbox: this.#outbox,
      notify: this.#notify,
      ask: this.#asked.ask,
      largestAnswerBytes: this.#answers.largestBytes,
      signal: this.#gone.signal,
      role: this.#role,
      environmentInfo,
      useBinaryFrames: binaryMessages ? () => this.#useBinaryFrames() : undefined,
    });
    if (resumeSessionId !== undefined) this.#context.metrics?.resumed();
    this.#outbox.attach(session);
    logger.info(resumeSessionId === undefined ? "session created" : "session resumed", {
      connection: this.#id,
      session: session.loggedId,
      client: clientName,
    });
    return { sessionId: session.id, environmentInfo: environmentInfo() };
  }

  #useBinaryFrames(): void {
    this.#usesFrames = this.#outbox.usesFrames = this.#answers.usesFrames = true;
  }

  readonly #notify: Notify = (method, params) => {
    if (this.#gone.signal.aborted) return;
    this.#socket.send(formatNotification(method, params));
    return this.#requests.room();
  };

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

/** Whether a start may be decided about by its client before it is answered. */
function asksFirst({ params }: Call): boolean {
  return (params as { execPolicy?: unknown } | undefined)?.execPolicy !== undefined;
}
