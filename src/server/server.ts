import { CONNECTIONS, KILLED_PROCESSES_MS, LISTENER_RELAXED_CONNECTIONS, SHUTDOWN_MS } from "../limits.ts";
import { deadline } from "../std/async/deadline.ts";
import { codexHost } from "../codex/codex_host.ts";
import { MachineDisk } from "../file_system/disk.ts";
import type { ConsoleSession, Downloads } from "../console/console_site.ts";
import { hostOs } from "../host/facts.ts";
import { waitingCalls } from "../host/waiting_calls.ts";
import { environmentInfoOf } from "./environment_info.ts";
import { ProcessRegistry } from "../process/process_registry.ts";
import { AnswerMemory } from "./answer_memory.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { descriptorsShort } from "./descriptors_short.ts";
import { Forwarding } from "./forwarding.ts";
import { Housekeeper } from "./housekeeper.ts";
import { Listeners } from "./listeners.ts";
import { onceReady } from "./once_ready.ts";
import { packOutput, spoolOutput } from "./output_care.ts";
import type { HttpRuntime, ListenAddress, ListenOptions } from "../transport/listener.ts";
import type { Logger } from "../observe/logger.ts";
import type { ServerMetrics, TransportName } from "./server_metrics.ts";
import type { ServerOptions, ServingOptions } from "./server_options.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import { SessionRegistry } from "../session/session_registry.ts";
import type { Role } from "../protocol/roles.ts";
import type { Recorder } from "../recording/recorder.ts";
import { Screens } from "../screen/screens.ts";

/** Sessions and their connections, whatever transport they came by. */
export class ExecServer {
  readonly #logger: Logger;
  readonly #sessions: SessionRegistry;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #housekeeper: Housekeeper;
  readonly #listeners: Listeners;
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
    // A port may lead out of any sandbox.
    const isOn = options.forwarding?.isOn !== false && !options.requiresSandbox;
    const forwarding = new Forwarding({ ...options.forwarding, isOn }, host.openNetwork);
    this.#metrics = options.metrics;
    this.#metrics?.measure(processes, this.#sessions, forwarding);
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
      environmentInfo: environmentInfoOf(host, environment, {
        console: options.console !== undefined,
        ports: forwarding.isOn,
      }),
      consoleLinks: options.console && ((role, who) => ({
        ...options.console!.link(role, who),
        urls: this.#listeners.consoleUrls,
      })),
      forwarding,
      codex: codexHost(host),
      disk: new MachineDisk(host),
      environment,
      descriptors: host.descriptors,
      openNetwork: host.openNetwork,
      processNetworks: options.processNetworks,
      concurrentRequests: options.concurrentRequests ?? 1,
      requiresSandbox: options.requiresSandbox ?? false,
      isolatesSessions: options.isolatesSessions ?? false,
      answers: new AnswerMemory(() => this.#unreadBytes),
      pingIntervalMs: options.pingIntervalMs,
      metrics: options.metrics,
      processTracing: options.processTracing,
      ready: onceReady(options.prepare, options.logger),
    };
    this.#housekeeper = new Housekeeper({
      tidy: async () => {
        await packOutput(processes);
        await host.releaseMemory?.();
      },
      logger: options.logger,
    });
    this.#housekeeper.start();
    this.#listeners = new Listeners({
      logger: options.logger,
      metrics: options.metrics,
      console: options.console,
      downloads: this.#downloads,
      accept: (...client) => this.accept(...client),
      isStopping: () => this.#stopping !== undefined,
      isDraining: () => this.#sessions.draining,
      refuseConnection: () => this.refuseConnection(),
    });
  }

  /**
   * Listens for WebSocket connections, at one place more.
   *
   * @returns the URL, with the real port
   * @throws {Error} when the address or the socket cannot be had
   */
  listen(runtime: HttpRuntime, where: ListenOptions, serving: ServingOptions): Promise<string> {
    return this.#listeners.listen(runtime, where, serving);
  }

  /**
   * Tells metrics at a place of their own, for whoever reaches it.
   *
   * @returns their URL, with the real port
   * @throws {Error} when the address cannot be had
   */
  tellMetrics(runtime: HttpRuntime, where: ListenAddress): Promise<string> {
    return this.#listeners.tellMetrics(runtime, where);
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

  /** What browsers save; loaded when it is first asked for. */
  get #downloads(): Downloads {
    const { disk, processes, isolatesSessions } = this.#context;
    const domain = ({ role, who }: ConsoleSession) => {
      const calls = waitingCalls.share();
      return { role, who: isolatesSessions ? who : undefined, disk: disk.sharing(calls), processes };
    };
    const load = () => import("./downloads/answer_download.ts");
    return {
      file: async (c, session) => await (await load()).answerFile(c, domain(session)),
      output: async (c, session) => (await load()).answerOutput(c, domain(session)),
    };
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
    await this.#listeners.close();
    for (const keeper of this.#keepers) {
      await Promise.resolve(keeper[Symbol.asyncDispose]()).catch((error: Error) =>
        this.#logger.warn("output on disk not brought to an end", { reason: error.message })
      );
    }
    clearTimeout(killer);
  }
}
