import { CONNECT_MS, RECOVERY_MS } from "../limits.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { ConnectionError, type Connector, type Transport } from "../transport/transport.ts";
import { type Call, TimeoutError } from "./call.ts";
import type { CallQueue } from "./call_queue.ts";
import { type ClientOptions, heartbeatOf } from "./client_options.ts";
import type { ConnectionState } from "./connection_state.ts";
import type { FollowedProcesses } from "./followed_processes.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { InboundFlow } from "./inbound_flow.ts";
import { Link } from "./link.ts";
import type { ExecDeciders } from "./exec_deciders.ts";
import type { NetworkDeciders } from "./network_deciders.ts";
import type { NotificationListeners } from "./notification_listeners.ts";
import { Recovery } from "./recovery.ts";

/** What goes over a connection and outlives it. */
export interface Carried {
  readonly calls: CallQueue;
  readonly processes: FollowedProcesses;
  readonly notifications: NotificationListeners;
  readonly deciders: NetworkDeciders;
  readonly execDeciders: ExecDeciders;
  readonly flow: InboundFlow;
}

type State =
  | { readonly kind: "beginning" }
  | { readonly kind: "connected"; readonly link: Link }
  | { readonly kind: "recovering"; readonly recovery: Recovery }
  | { readonly kind: "disconnected"; readonly failure: ConnectionError };

/**
 * A client's connection to its server, by one link after the other: `beginning`, then in turn `connected` and
 * `recovering`, at last `disconnected`.
 */
export class ClientConnection {
  readonly #connector: Connector;
  readonly #options: ClientOptions;
  readonly #carried: Carried;
  readonly #heartbeat: Heartbeat;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #state: State = { kind: "beginning" };
  #session!: ResultOf<"initialize">;

  constructor(connector: Connector, options: ClientOptions, carried: Carried) {
    this.#connector = connector;
    this.#options = options;
    this.#carried = carried;
    this.#heartbeat = new Heartbeat(heartbeatOf(connector, options), () => this.#watched);
    if (options.onConnection) this.#listeners.add(options.onConnection);
  }

  /** What the server answered at the beginning. */
  get session(): ResultOf<"initialize"> {
    return this.#session;
  }

  /** Why everything is over, if it is. */
  get failure(): ConnectionError | undefined {
    return this.#state.kind === "disconnected" ? this.#state.failure : undefined;
  }

  /**
   * Connects and begins a session.
   *
   * @throws {ConnectionError} when the server cannot be reached or does not answer in time
   * @throws {RpcError} when it refuses
   */
  async begin(): Promise<void> {
    try {
      const { initializeMs = CONNECT_MS, connectMs = initializeMs } = this.#options;
      const link = this.#open(await this.#connector.connect({ timeoutMs: connectMs }));
      this.#session = await this.#initialize(link, initializeMs);
      this.#use(link);
    } catch (error) {
      this.#heartbeat.stop();
      throw error;
    }
  }

  /** Calls a listener with every change. @returns what ends that */
  listen(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Holds the server up as far as what it sent is not taken. While missed events are fetched it must be read. */
  holdUp(): void {
    const link = this.#link;
    if (!link) return;
    const { confirming, reading } = this.#carried.flow.inbound;
    link.setConfirming(confirming);
    link.setReading(reading || this.#state.kind === "recovering");
  }

  /** Ends it for good. */
  end(failure: ConnectionError): void {
    const before = this.#state;
    if (before.kind === "disconnected") return;
    this.#state = { kind: "disconnected", failure };
    this.#heartbeat.stop();
    if (before.kind === "connected") before.link.close(failure.message);
    if (before.kind === "recovering") before.recovery.cancel(failure);
    this.#carried.calls.fail(failure);
    this.#carried.processes.fail(failure.message);
    this.#tell({ kind: "disconnected", reason: failure.message });
  }

  /** The link there is, whether it is in use or being taken up. */
  get #link(): Link | undefined {
    if (this.#state.kind === "connected") return this.#state.link;
    return this.#state.kind === "recovering" ? this.#state.recovery.link : undefined;
  }

  /** The link on which something is awaited. */
  get #watched(): Link | undefined {
    const link = this.#link;
    const isIdle = this.#state.kind === "connected" && this.#carried.processes.size === 0 &&
      link?.pendingCalls === 0;
    return isIdle ? undefined : link;
  }

  #open(transport: Transport): Link {
    const link: Link = new Link(transport, {
      onNotification: (method, params) => this.#carried.notifications.tell(method, params),
      onRequest: (method, params) => this.#answer(method, params),
      onLost: (reason, unanswered) => this.#lost(link, reason, unanswered),
    });
    link.setConfirming(this.#carried.flow.inbound.confirming);
    return link;
  }

  #answer(method: string, params: unknown): Promise<unknown> | undefined {
    const { deciders, execDeciders } = this.#carried;
    if (method === "network/policyRequest") return deciders.answer(params);
    return method === "exec/policyRequest" ? execDeciders.answer(params) : undefined;
  }

  async #initialize(link: Link, timeoutMs: number): Promise<ResultOf<"initialize">> {
    try {
      const session = await link.request("initialize", { clientName: this.#clientName }, { timeoutMs });
      link.notify("initialized", {});
      if (this.#mayUseFrames(session)) link.useBinaryFrames();
      return session;
    } catch (error) {
      link.close("The session did not begin");
      if (!(error instanceof TimeoutError)) throw error;
      throw new ConnectionError(`The server did not answer initialize within ${timeoutMs} ms`);
    }
  }

  #mayUseFrames({ environmentInfo }: ResultOf<"initialize">): boolean {
    return environmentInfo.capabilities?.["binaryFrames"] === true && this.#options.binaryFrames !== false;
  }

  get #clientName(): string {
    return this.#options.clientName ?? "exec-server";
  }

  /** Everything is up to date on this link. It may have been lost since. */
  #use(link: Link): void {
    const isBack = this.#state.kind === "recovering";
    this.#state = { kind: "connected", link };
    if (link.lost !== undefined) return this.#lost(link, link.lost, []);
    this.#carried.processes.endCatchingUp();
    this.#carried.calls.open(link);
    if (isBack) this.#tell({ kind: "connected" });
    this.holdUp();
  }

  #lost(link: Link, reason: string, unanswered: readonly Call[]): void {
    if (this.#state.kind !== "connected" || this.#state.link !== link) {
      for (const call of unanswered) call.reject(this.failure);
      return;
    }
    this.#carried.calls.suspend(unanswered);
    const { recoveryMs = RECOVERY_MS } = this.#options;
    if (this.#connector.resumable && recoveryMs > 0) void this.#recover(reason, recoveryMs);
    else this.end(new ConnectionError(`exec-server transport disconnected; ${reason}`));
  }

  async #recover(reason: string, recoveryMs: number): Promise<void> {
    const { calls, processes } = this.#carried;
    const recovery = new Recovery({
      connector: this.#connector,
      clientName: this.#clientName,
      sessionId: this.#session.sessionId,
      recoveryMs,
      usesFrames: this.#mayUseFrames(this.#session),
      canList: this.#session.environmentInfo.capabilities?.processList === true,
      calls,
      processes,
      open: (transport) => this.#open(transport),
    });
    this.#state = { kind: "recovering", recovery };
    this.#tell({ kind: "recovering", reason });
    try {
      const link = await recovery.run();
      if (!this.failure) this.#use(link);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `exec-server transport disconnected; failed to resume exec-server session: ${why}`;
      this.end(new ConnectionError(message, { cause: error }));
    }
  }

  #tell(state: ConnectionState): void {
    for (const listener of [...this.#listeners]) listener(state);
  }
}
