import { CLIENT_CALLS, SHUTDOWN_MS } from "../limits.ts";
import { RpcError } from "../protocol/errors.ts";
import type { ProcessId } from "../protocol/ids.ts";
import type {
  MethodName,
  NotificationName,
  NotificationOf,
  ParamsSent,
  ResultOf,
} from "../protocol/methods.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { ConnectionError, type Connector, type Transport } from "../transport/transport.ts";
import { Call, type CallOptions } from "./call.ts";
import { CallQueue } from "./call_queue.ts";
import { ClientConnection } from "./client_connection.ts";
import { callOptions, type ClientOptions, connectionOptions, type StartOptions } from "./client_options.ts";
import type { ConnectionState } from "./connection_state.ts";
import type { FollowedProcess, FollowOptions } from "./followed_process.ts";
import { FollowedProcesses } from "./followed_processes.ts";
import { type Backlog, InboundFlow } from "./inbound_flow.ts";
import { refuseUnknownOptions } from "./known_options.ts";
import { type ExecDecider, ExecDeciders } from "./exec_deciders.ts";
import { type NetworkDecider, NetworkDeciders } from "./network_deciders.ts";
import { NotificationListeners } from "./notification_listeners.ts";
import { RemoteProcess } from "./remote_process.ts";

/** A process that somebody else started, and what the server said of it. */
export interface AttachedProcess {
  readonly process: RemoteProcess;
  readonly answer: ResultOf<"process/attach">;
}

/** A connection to a port of the server's machine, and which address it reached. */
export interface TcpProcess {
  readonly process: RemoteProcess;
  readonly address: string;
}

/**
 * A session on a server: calls and their answers, and the processes started in it.
 *
 * A lost connection is made again and the session resumed; whoever called or follows a process notices nothing but the
 * time. Calls that must not be sent twice and were not answered fail with {@linkcode InterruptedCallError}. When the
 * session cannot be had back, everything fails with one {@linkcode ConnectionError}.
 */
export class ExecServerClient implements AsyncDisposable {
  readonly #notifications = new NotificationListeners();
  readonly #deciders = new NetworkDeciders();
  readonly #execDeciders = new ExecDeciders();
  readonly #flow = new InboundFlow(() => this.#connection.holdUp());
  readonly #processes = new FollowedProcesses(this.#flow, this.#notifications, (lost) => this.#leave(lost));
  readonly #calls: CallQueue;
  readonly #connection: ClientConnection;

  private constructor(connector: Connector, options: ClientOptions) {
    this.#calls = new CallQueue(options.calls ?? CLIENT_CALLS);
    this.#connection = new ClientConnection(connector, options, {
      calls: this.#calls,
      processes: this.#processes,
      notifications: this.#notifications,
      deciders: this.#deciders,
      execDeciders: this.#execDeciders,
      flow: this.#flow,
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
    await client.#connection.begin();
    return client;
  }

  /** Begins a session on one transport, which ends with it. */
  static open(transport: Transport, options: ClientOptions = {}): Promise<ExecServerClient> {
    return ExecServerClient.connect({ resumable: false, connect: () => Promise.resolve(transport) }, options);
  }

  /** What the server said of its machine. */
  get environmentInfo(): EnvironmentInfo {
    return this.#connection.session.environmentInfo;
  }

  /** The session's name on the server. */
  get sessionId(): string {
    return this.#connection.session.sessionId;
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
   * @throws {TimeoutError} when the call's own time is up
   */
  async call<Name extends MethodName>(
    method: Name,
    params: ParamsSent<Name>,
    options?: CallOptions,
  ): Promise<ResultOf<Name>> {
    refuseUnknownOptions(method, options, callOptions);
    const { failure } = this.#connection;
    if (failure) throw failure;
    const call = new Call(method, params, options);
    this.#calls.add(call);
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
    const followed = this.#processes.follow(id);
    const process = new RemoteProcess(id, followed.log, { lossless: options.lossless ?? true });
    try {
      process.pid = (await this.call("process/start", params, options)).pid;
    } catch (error) {
      this.#processes.forget(followed);
      // Nobody waits for the process any more, which may run all the same.
      if (!(error instanceof RpcError)) this.#terminate(id);
      throw error;
    }
    followed.markStarted();
    followed.outlivesSession = params.lifetime === "server";
    return process;
  }

  /**
   * Connects to a port of the server's machine, see `tcp/connect`, and follows the connection as it does a process.
   *
   * @throws {RpcError} the server's refusal; -32601 on a server that makes none
   */
  async connectTcp(params: ParamsSent<"tcp/connect">, options: CallOptions = {}): Promise<TcpProcess> {
    const id = params.processId as ProcessId;
    const followed = this.#processes.follow(id);
    const process = new RemoteProcess(id, followed.log, { lossless: true });
    try {
      const { address } = await this.call("tcp/connect", params, options);
      followed.markStarted();
      return { process, address };
    } catch (error) {
      this.#processes.forget(followed);
      if (!(error instanceof RpcError) && !this.#connection.failure) {
        this.call("tcp/close", { processId: id }).catch(() => {});
      }
      throw error;
    }
  }

  /**
   * Follows a process of another client, see `process/attach`. Its log begins where that says; what it was too slow for is a
   * `gap` to its readers.
   *
   * @throws {RpcError} the server's refusal; -32601 on a server whose processes cannot be shared
   */
  async attach(params: ParamsSent<"process/attach">, options: CallOptions = {}): Promise<AttachedProcess> {
    const follow = { isAttached: true, maySkip: !params.lossless };
    return await this.#take(params.processId, follow, async () => {
      const answer = await this.call("process/attach", params, options);
      return { answer, afterSeq: answer.screen?.seq ?? params.from?.afterSeq ?? answer.firstSeq - 1 };
    });
  }

  /**
   * Makes a process one's own whose owner is gone, see `process/adopt`.
   *
   * @throws {RpcError} the server's refusal; -32601 on a server whose processes cannot be shared
   */
  async adopt(params: ParamsSent<"process/adopt">, options: CallOptions = {}): Promise<AttachedProcess> {
    return await this.#take(params.processId, {}, async () => {
      const answer = await this.call("process/adopt", params, options);
      return { answer, afterSeq: params.afterSeq ?? answer.firstSeq - 1 };
    });
  }

  /**
   * Follows a process no more, another client's or one of the server's lifetime, which runs on.
   *
   * @throws {RpcError} -32600 for one that ends with its session
   */
  async detach(processId: string): Promise<void> {
    await this.call("process/detach", { processId });
    const followed = this.#processes.get(processId as ProcessId);
    if (!followed) return;
    followed.fail("detached");
    this.#processes.forget(followed);
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
    return this.#notifications.listen(method, listener);
  }

  /**
   * Has somebody decide about what a process wants of the network that its policy leaves open, from before its start.
   * Without anybody it is denied.
   *
   * @returns what ends that
   */
  decide(processId: string, decider: NetworkDecider): () => void {
    return this.#deciders.add(processId, decider);
  }

  /**
   * Has somebody decide about what a process runs which its rules leave open, from before its start. Without anybody, what
   * its policy says of that becomes of it.
   *
   * @returns what ends that
   */
  decideExecs(processId: string, decider: ExecDecider): () => void {
    return this.#execDeciders.add(processId, decider);
  }

  /**
   * Calls a listener with every change of the connection, as `onConnection` of the options is.
   *
   * @returns what ends that
   */
  listenConnection(listener: (state: ConnectionState) => void): () => void {
    return this.#connection.listen(listener);
  }

  /**
   * Lets something that piles up hold the whole connection up, once too much has: the server is not read then, answers
   * included. `changed` is to be called when the backlog has grown or shrunk, `end` when there is none any more.
   */
  addBacklog(backlog: Backlog): { readonly changed: () => void; readonly end: () => void } {
    return this.#flow.add(backlog);
  }

  /**
   * Terminates every process that was started here and has not ended, but those of the server's lifetime, and detaches from
   * those of others. Resolves when the server has done so.
   */
  async terminateAll(): Promise<void> {
    const ends = this.#processes.all.map((process) => this.#end(process, { timeoutMs: SHUTDOWN_MS }));
    await Promise.allSettled(ends);
  }

  /** Ends the connection. The server keeps the session's processes for a while. */
  close(): void {
    this.#connection.end(new ConnectionError("The client is closed"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Follows a process from before the call that asks for its events. */
  async #take(
    processId: string,
    follow: FollowOptions,
    ask: () => Promise<{ answer: ResultOf<"process/attach">; afterSeq: number }>,
  ): Promise<AttachedProcess> {
    const id = processId as ProcessId;
    const followed = this.#processes.follow(id, { ...follow, beginsLater: true });
    try {
      const { answer, afterSeq } = await ask();
      // What was taken over may have come from a server that keeps it for longer than its session.
      followed.outlivesSession = answer.role === "owner";
      // Who begins behind the end is told how it ended all the same: nothing would come by itself.
      const isOver = answer.closed && afterSeq >= answer.nextSeq - 1;
      const begin = isOver ? Math.max(0, answer.nextSeq - 3) : afterSeq;
      followed.beginAfter(begin);
      if (isOver) followed.end(answer.exitCode!);
      const process = new RemoteProcess(id, followed.log, { lossless: false, afterSeq: begin });
      if (followed.ended) this.#processes.forget(followed);
      return { process, answer };
    } catch (error) {
      this.#processes.forget(followed);
      if (!(error instanceof RpcError)) this.#leave(followed);
      throw error;
    }
  }

  #leave(process: FollowedProcess): void {
    if (!this.#connection.failure) this.#end(process).catch(() => {});
  }

  async #end({ id, isAttached, outlivesSession }: FollowedProcess, options?: CallOptions): Promise<void> {
    const terminate = () => this.call("process/terminate", { processId: id }, options);
    const detach = () => this.call("process/detach", { processId: id }, options);
    if (isAttached) await detach();
    else if (!outlivesSession) await terminate();
    // Which lifetime a process has that was adopted is not told.
    else await detach().catch(terminate);
  }

  #terminate(processId: string): void {
    if (!this.#connection.failure) this.call("process/terminate", { processId }).catch(() => {});
  }
}
