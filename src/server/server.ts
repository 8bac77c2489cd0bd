import { setTimeout as pause } from "node:timers/promises";
import { CONNECTIONS, KILLED_PROCESSES_MS, LISTENER_RELAXED_CONNECTIONS, SHUTDOWN_MS } from "../limits.ts";
import { deadline } from "../std/async/deadline.ts";
import { PackedOutput } from "../log/packed_output.ts";
import { codexHost } from "../codex/codex_host.ts";
import { MachineDisk } from "../file_system/disk.ts";
import { hostOs } from "../host/facts.ts";
import type { Host } from "../host/host.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import { environmentInfoOf } from "./environment_info.ts";
import { ProcessRegistry } from "../process/process_registry.ts";
import type { AccessOptions } from "../endpoint/access.ts";
import { AnswerMemory } from "./answer_memory.ts";
import { createApp } from "../endpoint/app.ts";
import { listenOn } from "../endpoint/listen_on.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { descriptorsShort } from "./descriptors_short.ts";
import { Housekeeper } from "./housekeeper.ts";
import type { HttpRuntime, ListenAddress, Listener, ListenOptions } from "../transport/listener.ts";
import { type Logger, unexpected } from "../observe/logger.ts";
import { prometheusText } from "../observe/prometheus_text.ts";
import type { ServerMetrics, TransportName } from "./server_metrics.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import { SessionRegistry } from "../session/session_registry.ts";
import type { Role } from "../protocol/roles.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { Spool } from "../spool/spool.ts";
import { unref } from "../unref.ts";
import { Screens } from "../screen/screens.ts";

/** What a server is made of. */
export interface ServerOptions {
  /** The machine that it serves. */
  readonly host: Host;
  readonly logger: Logger;
  /** Where output goes that memory has no room for; it is removed with the server. */
  readonly spool?: Spool | undefined;
  /** Records what processes print. */
  readonly recorder?: Recorder | undefined;
  /** Requests of one connection served at once; 1 by default. */
  readonly concurrentRequests?: number | undefined;
  /** Whether only processes may be started whose files are confined; false by default. */
  readonly requiresSandbox?: boolean | undefined;
  /** Whether clients with other credentials have no part in a client's processes; false by default. */
  readonly isolatesSessions?: boolean | undefined;
  /** Milliseconds between pings; `PING_INTERVAL_MS` by default. */
  readonly pingIntervalMs?: number | undefined;
  /** Where what happens is counted, if anywhere. */
  readonly metrics?: ServerMetrics | undefined;
  /** What no process may use more of, whatever its client asks for; nothing by default. */
  readonly ceilings?: ProcessLimits | undefined;
  /** Called before the first process is started, which waits for it. */
  readonly prepare?: (() => Promise<void>) | undefined;
}

/** Where a server listens, and what it tells there. */
export interface ServingOptions extends Omit<AccessOptions, "address"> {
  /** Whether metrics are told there to whoever may connect; false by default. */
  readonly tellsMetrics?: boolean | undefined;
}

/** Sessions and their connections, whatever transport they came by. */
export class ExecServer {
  readonly #logger: Logger;
  readonly #sessions: SessionRegistry;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #housekeeper: Housekeeper;
  readonly #listeners: Listener[] = [];
  /** What keeps output on disk. */
  readonly #keepers: AsyncDisposable[];
  #recorder: Recorder | undefined;
  readonly #metrics: ServerMetrics | undefined;
  /** Called before anything else ends. */
  readonly beforeStop = new Set<() => Promise<void>>();
  #connectionNumber = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const { host } = options;
    const environment = host.environment();
    this.#logger = options.logger;
    const processes = new ProcessRegistry(host.spawner, environment, options.ceilings);
    this.#keepers = [options.spool, options.recorder].filter((keeper) => keeper !== undefined);
    if (options.spool) spoolOutput(processes, options.spool);
    this.#recorder = options.recorder;
    if (options.recorder) processes.managed.add((process) => options.recorder!.record(process));
    this.#sessions = new SessionRegistry(processes, options.logger);
    this.#metrics = options.metrics;
    this.#metrics?.measure(processes, this.#sessions);
    this.#context = {
      sessions: this.#sessions,
      processes,
      screens: new Screens(),
      recorder: async () => {
        const { Recorder } = await import("../recording/recorder.ts");
        if (!this.#recorder) this.#keepers.push(this.#recorder = new Recorder({ logger: options.logger }));
        return this.#recorder;
      },
      logger: options.logger,
      os: hostOs,
      environmentInfo: environmentInfoOf(host, environment),
      codex: codexHost(host),
      disk: new MachineDisk(host),
      environment,
      descriptors: host.descriptors,
      openNetwork: host.openNetwork,
      concurrentRequests: options.concurrentRequests ?? 1,
      requiresSandbox: options.requiresSandbox ?? false,
      isolatesSessions: options.isolatesSessions ?? false,
      answers: new AnswerMemory(() => this.#unreadBytes),
      pingIntervalMs: options.pingIntervalMs,
      metrics: options.metrics,
      ready: once(options.prepare, options.logger),
    };
    this.#housekeeper = new Housekeeper({
      tidy: async () => {
        for (const { log } of processes.values()) {
          const began = performance.now();
          await log.pack(PackedOutput.of);
          const took = performance.now() - began;
          // Deno compresses on this thread, and lets nobody else have a turn: whoever came meanwhile goes first.
          if (took >= 1) await pause(took, undefined, { ref: false });
        }
        await host.releaseMemory?.();
      },
      logger: options.logger,
    });
    this.#housekeeper.start();
  }

  /**
   * Listens for WebSocket connections, at one place more.
   *
   * @returns the URL, with the real port
   * @throws {Error} when the address or the socket cannot be had
   */
  async listen(
    runtime: HttpRuntime,
    where: ListenOptions,
    { tellsMetrics, ...access }: ServingOptions,
  ): Promise<string> {
    const address = "address" in where ? where.address : undefined;
    const transport = transportOf(where);
    const app = createApp({
      access: () => ({ ...access, address }),
      upgrade: runtime.upgrade,
      clientNames: runtime.clientNames,
      accept: (socket, role, who) => void this.accept(socket, role, who, transport),
      isStopping: () => this.#stopping !== undefined || this.#sessions.draining,
      metrics: tellsMetrics ? () => this.#metricsText() : undefined,
      refuseConnection: () => this.refuseConnection(),
      onRefused: (refusal) => {
        const { status, reason } = refusal;
        this.#metrics?.refused(transport, refusal);
        this.#logger.info("connection refused", { status, reason });
      },
      onFailed: (error) => this.#logger.error("request failed", unexpected(error)),
    });
    const { url, listener } = await listenOn(runtime, app, where, this.#logger);
    this.#listeners.push(listener);
    return url;
  }

  /**
   * Tells metrics at a place of their own, for whoever reaches it.
   *
   * @returns their URL, with the real port
   * @throws {Error} when the address cannot be had
   */
  async tellMetrics(runtime: HttpRuntime, where: ListenAddress): Promise<string> {
    const { createMetricsApp } = await import("../endpoint/metrics_app.ts");
    const app = createMetricsApp({
      address: where.address,
      metrics: () => this.#metricsText(),
      isStopping: () => this.#stopping !== undefined,
      onFailed: (error) => this.#logger.error("request failed", unexpected(error)),
    });
    const listener = await runtime.listen(app, where, this.#logger);
    this.#listeners.push(listener);
    const host = where.address.includes(":") ? `[${where.address}]` : where.address;
    return `http://${host}:${listener.port}/metrics`;
  }

  #metricsText(): string {
    return this.#metrics === undefined ? "" : prometheusText(this.#metrics.set.collect());
  }

  /** Processes that have not ended, and sessions. */
  get activity(): { readonly processes: number; readonly sessions: number } {
    let processes = 0;
    for (const { log } of this.#context.processes.values()) {
      if (!log.closed) processes++;
    }
    return { processes, sessions: this.#sessions.size };
  }

  /** Lets no session begin, or lets them again; those that there are go on. */
  setDraining(draining: boolean): void {
    this.#sessions.draining = draining;
  }

  /** Why no further connection is taken just now, if so. */
  refuseConnection(): string | undefined {
    if (this.#connections.size >= CONNECTIONS) return `at most ${CONNECTIONS} connections at once`;
    // With so few connections and nothing else, descriptors are not counted: counting them takes memory.
    if (this.#connections.size < LISTENER_RELAXED_CONNECTIONS) return undefined;
    const reserve = this.#context.descriptors?.();
    return reserve?.isShort(1 / 2) ? descriptorsShort(reserve) : undefined;
  }

  /**
   * Serves one client on a socket. Resolves when it is gone.
   *
   * @param role what its credential lets it do; everything by default
   * @param who tells it from clients with other credentials
   * @param transport the way it came
   */
  async accept(
    socket: MessageSocket,
    role: Role = "full",
    who?: string,
    transport: TransportName = "stdio",
  ): Promise<void> {
    this.#metrics?.opened(transport);
    const connection = new Connection(String(++this.#connectionNumber), socket, this.#context, role, who);
    this.#connections.add(connection);
    await connection.closed;
    this.#connections.delete(connection);
    this.#metrics?.closed(transport);
  }

  /** Kills every process, closes every connection, and stops listening. Idempotent. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  /** Every process is killed by then, and has gone unless the kernel does not let it. */
  async #endSessions(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), KILLED_PROCESSES_MS);
    });
    if (await Promise.race([this.#sessions.dispose(), late])) {
      this.#logger.error("processes left behind", { reason: "they were killed and have not ended" });
    }
    clearTimeout(timer);
  }

  get #unreadBytes(): number {
    let bytes = 0;
    for (const { unreadBytes } of this.#connections) bytes += unreadBytes;
    return bytes;
  }

  async #stop(): Promise<void> {
    this.#logger.info("server stopping");
    this.#metrics?.[Symbol.dispose]();
    this.#housekeeper.stop();
    for (const leave of this.beforeStop) {
      await deadline(leave(), SHUTDOWN_MS).catch((error: Error) =>
        this.#logger.warn("not left", { reason: error.message })
      );
    }
    await this.#endSessions();
    for (const connection of this.#connections) connection.close(1001, "server stops");
    const killer = setTimeout(() => {
      for (const connection of this.#connections) connection.terminate();
    }, SHUTDOWN_MS);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    for (const keeper of this.#keepers) {
      await Promise.resolve(keeper[Symbol.asyncDispose]()).catch((error: Error) =>
        this.#logger.warn("output on disk not brought to an end", { reason: error.message })
      );
    }
    clearTimeout(killer);
  }
}

function transportOf(where: ListenOptions): TransportName {
  if ("path" in where) return "unix";
  return where.tls ? "websocket_tls" : "websocket";
}

/** Lets the output of all processes to come go to disk that memory has no room for, for as long as they are known. */
function spoolOutput(processes: ProcessRegistry, spool: Spool): void {
  processes.managed.add((process) => {
    const own = process.spool = spool.follow(process.handle, process.log);
    process.forgotten.add(() => spool.forget(own));
    if (spool.keepMs === undefined) return;
    void process.closed.then(() => unref(setTimeout(() => spool.forget(own), spool.keepMs)));
  });
}

/** Has what is to be done once be done by the first call; it answers what is still to be waited for. */
function once(prepare: ServerOptions["prepare"], logger: Logger): () => Promise<void> | undefined {
  let ready: Promise<void> | undefined;
  let isReady = prepare === undefined;
  return () => {
    if (isReady) return undefined;
    return ready ??= prepare!()
      .catch((error) => logger.error("not prepared", unexpected(error)))
      .then(() => void (isReady = true));
  };
}
