import * as v from "valibot";
import {
  CATCH_UP_ANSWER_MS,
  CLIENT_CALLS,
  CONNECT_MS,
  HEARTBEAT_LAST_ANSWER_MS,
  RECOVERY_MS,
  SHUTDOWN_MS,
} from "../limits.ts";
import { invalidRequest, RpcError } from "../protocol/errors.ts";
import type { ProcessId } from "../protocol/ids.ts";
import {
  type MethodName,
  type NotificationName,
  type NotificationOf,
  notifications,
  type ParamsSent,
  type ResultOf,
} from "../protocol/methods.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { Call, type CallOptions, CallTimeoutError } from "./call.ts";
import { CallsInFlight } from "./calls_in_flight.ts";
import { FollowedProcesses, type ProcessNotification } from "./followed_processes.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { type Backlog, InboundFlow } from "./inbound_flow.ts";
import { type OptionNames, refuseUnknownOptions } from "./known_options.ts";
import { Link } from "./link.ts";
import { RemoteProcess, type RemoteProcessOptions } from "./remote_process.ts";
import { resume } from "./resume.ts";
import {
  ConnectionError,
  type Connector,
  InterruptedCallError,
  type Transport,
} from "../transport/transport.ts";

/** How a client stands with its server. */
export type ConnectionState =
  | { readonly kind: "connected" }
  /** The connection is lost, and the client is getting it back; calls wait. */
  | { readonly kind: "recovering"; readonly reason: string }
  /** It is over: every call and every process has failed. */
  | { readonly kind: "disconnected"; readonly reason: string };

/** How to start a process, beside its params. */
export interface StartOptions extends CallOptions, RemoteProcessOptions {}

/** How to begin, and how to go on. */
export interface ClientOptions {
  /** The name the server logs; `exec-server` by default. */
  clientName?: string;
  /** Milliseconds for the answer to `initialize`; {@linkcode CONNECT_MS} by default. */
  initializeMs?: number | undefined;
  /** Milliseconds to connect before that; as many as for `initialize` by default. */
  connectMs?: number | undefined;
  /** Calls that wait for their answers at once; further ones wait their turn. {@linkcode CLIENT_CALLS} by default. */
  calls?: number | undefined;
  /** Milliseconds in which a lost connection is got back; {@linkcode RECOVERY_MS} by default, 0 for not at all. */
  recoveryMs?: number;
  /** How a connection that is dead without saying so is found. */
  heartbeat?: HeartbeatOptions;
  /** Told when the connection is lost, is back, or is given up. Nothing needs to be done about any of them. */
  onConnection?: (state: ConnectionState) => void;
}

/**
 * A session on a server: calls and their answers, and the processes started in it.
 *
 * A lost connection is made again and the session resumed; whoever called or follows a process notices nothing but the
 * time. Calls that must not be sent twice and were not answered fail with {@linkcode InterruptedCallError}. When the
 * session cannot be had back, everything fails with one {@linkcode ConnectionError}.
 */
export class ExecServerClient implements AsyncDisposable {
  readonly #connector: Connector;
  readonly #options: ClientOptions;
  readonly #flow = new InboundFlow(() => this.#link ?? this.#nextLink);
  readonly #processes = new FollowedProcesses(this.#flow, (id) => this.#terminate(id));
  readonly #listeners = new Map<string, Set<(params: unknown) => void>>();
  readonly #connectionListeners = new Set<(state: ConnectionState) => void>();
  readonly #inFlight: CallsInFlight;
  readonly #gone = new AbortController();
  readonly #heartbeat: Heartbeat;
  /** The connection, while there is one. */
  #link: Link | undefined;
  /** The connection that is being taken up in place of a lost one. */
  #nextLink: Link | undefined;
  /** Calls that wait for a connection or for their turn, in call order. */
  #waiting: Call[] = [];
  #failure: ConnectionError | undefined;
  #session!: ResultOf<"initialize">;

  private constructor(connector: Connector, options: ClientOptions) {
    this.#connector = connector;
    this.#options = options;
    if (options.onConnection) this.#connectionListeners.add(options.onConnection);
    this.#inFlight = new CallsInFlight(options.calls ?? CLIENT_CALLS, () => this.#sendWaiting());
    this.#heartbeat = new Heartbeat(heartbeatOf(connector, options), () => {
      const awaited = this.#processes.size > 0 || (this.#link?.pendingCalls ?? 0) > 0;
      return this.#nextLink ?? (awaited ? this.#link : undefined);
    });
  }

  /**
   * Connects to a server and begins a session.
   *
   * @throws {TypeError} for an option that means nothing
   * @throws {ConnectionError} when the server cannot be reached or does not answer in time
   * @throws {RpcError} when it refuses
   */
  static async connect(connector: Connector, options: ClientOptions = {}): Promise<ExecServerClient> {
    refuseUnknownOptions("connect", options, connectionOptions);
    const client = new ExecServerClient(connector, options);
    try {
      await client.#begin();
    } catch (error) {
      client.#heartbeat.stop();
      throw error;
    }
    return client;
  }

  /** Begins a session on one transport, which ends with it. */
  static open(transport: Transport, options: ClientOptions = {}): Promise<ExecServerClient> {
    return ExecServerClient.connect({ resumable: false, connect: () => Promise.resolve(transport) }, options);
  }

  /** What the server said of its machine. */
  get environmentInfo(): EnvironmentInfo {
    return this.#session.environmentInfo;
  }

  /** The session's name on the server. */
  get sessionId(): string {
    return this.#session.sessionId;
  }

  /** Whether the server announced a capability. */
  can(capability: string): boolean {
    return this.environmentInfo.capabilities?.[capability] === true;
  }

  /**
   * Calls a method. While the connection is being got back, the call waits.
   *
   * @throws {RpcError} the server's refusal
   * @throws {InterruptedCallError} when the connection was lost and the call must not be sent again
   * @throws {ConnectionError} when the session is lost
   * @throws {CallTimeoutError} when the call's own time is up
   */
  async call<Name extends MethodName>(
    method: Name,
    params: ParamsSent<Name>,
    options?: CallOptions,
  ): Promise<ResultOf<Name>> {
    refuseUnknownOptions(method, options, callOptions);
    if (this.#failure) throw this.#failure;
    const call = new Call(method, params, options);
    this.#send(call);
    return await call.answer as ResultOf<Name>;
  }

  /**
   * Starts a process and follows it. Its events are followed from before the request is sent, so none is missed; they
   * are held for a `for await` over the process unless `lossless` is false.
   *
   * @throws {RpcError} the server's refusal
   * @throws {InterruptedCallError} when the connection was lost and it cannot be known whether the process runs; it is
   * terminated then
   */
  async start(params: ParamsSent<"process/start">, options: StartOptions = {}): Promise<RemoteProcess> {
    const id = params.processId as ProcessId;
    if (this.#processes.get(id)) throw invalidRequest(`process ${id} already exists`);
    const process = new RemoteProcess(id, { lossless: options.lossless ?? true });
    this.#processes.add(process);
    try {
      await this.call("process/start", params, options);
    } catch (error) {
      this.#processes.forget(process);
      // Nobody waits for the process any more, which may run all the same.
      if (!(error instanceof RpcError)) this.#terminate(id);
      throw error;
    }
    process.started = true;
    return process;
  }

  /**
   * Calls a listener with every notification of a kind.
   *
   * @returns what ends that
   */
  listen<Name extends NotificationName>(
    method: Name,
    listener: (params: NotificationOf<Name>) => void,
  ): () => void {
    const listeners = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, listeners.add(listener as (params: unknown) => void));
    return () => void listeners.delete(listener as (params: unknown) => void);
  }

  /**
   * Calls a listener with every change of the connection, as `onConnection` of the options is.
   *
   * @returns what ends that
   */
  listenConnection(listener: (state: ConnectionState) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => void this.#connectionListeners.delete(listener);
  }

  /**
   * Lets something that piles up hold the whole connection up, once too much has: the server is not read then, answers
   * included. `changed` is to be called when the backlog has grown or shrunk, `end` when there is none any more.
   */
  addBacklog(backlog: Backlog): { readonly changed: () => void; readonly end: () => void } {
    return this.#flow.add(backlog);
  }

  /** Terminates every process that was started here and has not ended. Resolves when the server has done so. */
  async terminateAll(): Promise<void> {
    const options = { timeoutMs: SHUTDOWN_MS };
    const end = (processId: ProcessId) => this.call("process/terminate", { processId }, options);
    await Promise.allSettled(this.#processes.ids.map(end));
  }

  /** Ends the connection. The server keeps the session's processes for a while. */
  close(): void {
    this.#end(new ConnectionError("The client is closed"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #send(call: Call): void {
    const turn = this.#waiting.length === 0 && this.#inFlight.hasRoom;
    if (!this.#link || !(turn || goesAhead(call))) return void this.#waiting.push(call);
    this.#inFlight.add(call);
    this.#link.send(call);
  }

  #sendWaiting(): void {
    while (this.#link && this.#waiting.length > 0 && this.#inFlight.hasRoom) {
      const call = this.#waiting.shift()!;
      if (call.settled) continue;
      this.#inFlight.add(call);
      this.#link.send(call);
    }
  }

  async #begin(): Promise<void> {
    const { clientName = "exec-server", initializeMs = CONNECT_MS, connectMs = initializeMs } = this.#options;
    const link = this.#newLink(await this.#connector.connect({ timeoutMs: connectMs }));
    try {
      this.#session = await link.request("initialize", { clientName }, { timeoutMs: initializeMs });
    } catch (error) {
      link.close("The session did not begin");
      if (!(error instanceof CallTimeoutError)) throw error;
      throw new ConnectionError(`The server did not answer initialize within ${initializeMs} ms`);
    }
    link.notify("initialized", {});
    this.#link = link;
  }

  #newLink(transport: Transport): Link {
    const link: Link = new Link(transport, {
      onNotification: (method, params) => this.#notify(method, params),
      onLost: (reason, unanswered) => {
        if (link === this.#link) return this.#lost(reason, unanswered);
        if (link === this.#nextLink) this.#nextLink = undefined;
        for (const call of unanswered) call.reject(this.#failure);
      },
    });
    return link;
  }

  /** Begins to take up a connection in place of a lost one. It may die as any other, so it is watched as well. */
  #openNext(transport: Transport): Link {
    const link = this.#newLink(transport);
    link.mustRead = true;
    this.#nextLink = link;
    this.#processes.beginCatchingUp();
    this.#flow.update();
    return link;
  }

  #lost(reason: string, unanswered: readonly Call[]): void {
    this.#link = undefined;
    this.#inFlight.clear();
    this.#processes.beginCatchingUp();
    const kept: Call[] = [];
    for (const call of unanswered) {
      if (call.repeatable || call.method === "process/start") kept.push(call);
      else call.reject(new InterruptedCallError(call.method));
    }
    this.#waiting = [...kept, ...this.#waiting];
    const { recoveryMs = RECOVERY_MS } = this.#options;
    if (this.#connector.resumable && recoveryMs > 0) this.#recover(reason, recoveryMs);
    else this.#end(new ConnectionError(`exec-server transport disconnected; ${reason}`));
  }

  async #recover(reason: string, recoveryMs: number): Promise<void> {
    this.#tellConnection({ kind: "recovering", reason });
    let running: ReadonlySet<string> | undefined;
    try {
      const link = await resume({
        connector: this.#connector,
        clientName: this.#options.clientName ?? "exec-server",
        sessionId: this.sessionId,
        recoveryMs,
        progress: () => this.#processes.progress,
        signal: this.#gone.signal,
        open: (transport) => this.#openNext(transport),
        takeUp: async (link) => void (running = await this.#takeUp(link)),
      });
      if (this.#failure) return link.close("The client is closed");
      this.#goOn(link, running);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `exec-server transport disconnected; failed to resume exec-server session: ${why}`;
      this.#end(new ConnectionError(message, { cause: error }));
    }
  }

  /** Brings every process up to date. @returns what runs, where that had to be asked and the server can tell */
  async #takeUp(link: Link): Promise<ReadonlySet<string> | undefined> {
    let running: ReadonlySet<string> | undefined;
    if (this.#waiting.some(isUncertainStart) && this.can("processList")) {
      const { processes } = await link.request("process/list", null, { timeoutMs: CATCH_UP_ANSWER_MS });
      running = new Set(processes.map(({ processId }) => processId));
    }
    await this.#processes.catchUp(link, running);
    return running;
  }

  /** Takes the new connection into use: calls that were not answered first, in call order. */
  #goOn(link: Link, running: ReadonlySet<string> | undefined): void {
    this.#link = link;
    this.#nextLink = undefined;
    link.mustRead = false;
    if (link.lost !== undefined) return this.#lost(link.lost, []);
    this.#processes.endCatchingUp();
    for (const call of this.#waiting.splice(0)) {
      if (isUncertainStart(call)) this.#settleStart(call, running);
      else this.#send(call);
    }
    this.#tellConnection({ kind: "connected" });
    this.#flow.update();
  }

  /** Ends the uncertainty about a start that was not answered. */
  #settleStart(call: Call, running: ReadonlySet<string> | undefined): void {
    const { processId } = call.params as { processId: ProcessId };
    if (running?.has(processId) || this.#processes.get(processId)?.started) {
      call.resolve({ processId, sandboxType: "none" });
    } else if (running) {
      this.#send(call); // It never reached the server.
    } else {
      call.reject(new InterruptedCallError(call.method));
    }
  }

  #notify(method: string, params: unknown): boolean {
    if (!Object.hasOwn(notifications, method)) return true;
    const decoded = v.safeParse(notifications[method as NotificationName], params);
    if (!decoded.success) return false;
    for (const listener of this.#listeners.get(method) ?? []) listener(decoded.output);
    if (method.startsWith("process/")) this.#processes.tell(method, decoded.output as ProcessNotification);
    return true;
  }

  #terminate(processId: string): void {
    if (!this.#failure) this.call("process/terminate", { processId }).catch(() => {});
  }

  #end(failure: ConnectionError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#gone.abort(failure);
    this.#heartbeat.stop();
    const link = this.#link;
    this.#link = undefined;
    link?.close(failure.message);
    for (const call of this.#waiting.splice(0)) call.reject(failure);
    this.#processes.fail(failure.message);
    this.#tellConnection({ kind: "disconnected", reason: failure.message });
  }

  #tellConnection(state: ConnectionState): void {
    for (const listener of [...this.#connectionListeners]) listener(state);
  }
}

/** What may be given to it, or together with that to what makes its connections. */
const connectionOptions: OptionNames<ClientOptions> & Readonly<Record<string, true>> = {
  clientName: true,
  initializeMs: true,
  connectMs: true,
  calls: true,
  recoveryMs: true,
  heartbeat: true,
  onConnection: true,
  token: true,
  messageBytes: true,
};
const callOptions: OptionNames<StartOptions> = { timeoutMs: true, signal: true, lossless: true };

/** A connection that cannot be made again is given up later: everything ends with it. */
function heartbeatOf({ resumable }: Connector, { heartbeat }: ClientOptions): HeartbeatOptions {
  return resumable ? heartbeat ?? {} : { answerMs: HEARTBEAT_LAST_ANSWER_MS, ...heartbeat };
}

/** Calls that make room for others must not wait for it. */
function goesAhead({ method }: Call): boolean {
  return method === "process/terminate" || method === "fs/close" || method === "fs/unwatch";
}

function isUncertainStart(call: Call): boolean {
  return call.method === "process/start" && call.sent && !call.settled;
}
