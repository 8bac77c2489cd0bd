import { resolve } from "node:path";
import process from "node:process";
import { givenLimits } from "../adjustable.ts";
import { deadline } from "../std/async/deadline.ts";
import { sandboxMechanisms } from "../host/confinement.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import { SHUTDOWN_MS } from "../limits.ts";
import { logFormats, Logger, logLevels } from "../observe/logger.ts";
import type { ExecServer } from "../server/server.ts";
import type { RenewedFiles } from "../tls/renewed_files.ts";
import { StdioSocket } from "../transport/stdio_socket.ts";
import { defineCommand } from "./command.ts";
import { parseCount } from "./count.ts";
import { forwardingFlags, forwardingOf } from "./forwarding_flags.ts";
import { ignoresHangup } from "./hangup.ts";
import { ceilingFlags, ceilingsOf } from "./limit_flags.ts";
import { LogOutput } from "./log_output.ts";
import type { ProgramHost } from "./program_host.ts";
import { accessWarning } from "./serve_access.ts";
import { consoleFlags, offerConsole } from "./serve_console.ts";
import { joinFlags, joinFleet, readFleet } from "./serve_fleet.ts";
import { listenAt, openCertificates, placeFlags, readPlaces, type ServePlace } from "./serve_places.ts";
import { explainListenFailure } from "./listen_failure.ts";
import { measureCertificates, metricsFlags, parseMetrics } from "./serve_metrics.ts";
import { openTelemetry, readTelemetry, traceFlags } from "./serve_telemetry.ts";
import type { ListenAddress } from "../transport/listener.ts";
import { oneOf } from "./one_of.ts";
import { networkFlags, readNetworks } from "./serve_networks.ts";
import { openRecorder, recordFlags } from "./open_recorder.ts";
import { openSpool, spoolFlags } from "./open_spool.ts";
import { UsageError } from "./usage_error.ts";
import { outliveUncaughtErrors } from "./uncaught_errors.ts";

const flags = {
  ...placeFlags,
  ...joinFlags,
  ...spoolFlags,
  ...recordFlags,
  ...metricsFlags,
  ...traceFlags,
  ...consoleFlags,
  ...ceilingFlags,
  "require-sandbox": {
    help: "Start processes, and change files, only with a sandbox that restricts files",
  },
  ...forwardingFlags,
  "isolate-sessions": {
    help: "Let clients with other credentials neither see a client's processes nor take part in them",
  },
  "bwrap": {
    value: "PATH",
    complete: "files",
    help: "The bubblewrap that confines processes; by default the one in /usr/bin, /usr/local/bin or /bin",
  },
  "sandbox-mechanism": {
    value: "WAY",
    complete: sandboxMechanisms,
    help:
      "What makes sandboxes: bwrap by default, native, which is this program itself, or landlock, which needs no " +
      "namespaces and only does policies that let nothing be written",
  },
  ...networkFlags,
  "concurrent-requests": {
    value: "N",
    help: "Requests of one connection served at once; 1 by default, in order",
  },
  "log-level": {
    value: "LEVEL",
    complete: logLevels,
    help: `How much is logged to stderr: ${logLevels.join(", ")}; info by default`,
  },
  "log-format": {
    value: "FORMAT",
    complete: logFormats,
    help: `How: ${logFormats.join(" or ")}; text by default`,
  },
} as const;

/** `exec-server serve` */
export const serve = defineCommand({
  name: "serve",
  summary: "Let clients run processes on this machine",
  description:
    `Prints the URL it listens on as its only line on stdout, logs to stderr, and serves until SIGTERM or \
SIGINT, which also kill every process it started. Whoever can connect can run anything as you: beyond this machine it \
listens only with --ws-auth or --tls-client-ca, and web pages are refused unless --allow-origin names them. A Unix \
socket can be opened by nobody but you. Only wss:// is encrypted. There, SIGHUP has the certificate read anew, which a \
look each minute does too.

With several --listen it prints each URL as it listens there. What says who may connect is for the --listen before it, or \
for all of them where it stands before the first.`,
  examples: [
    "--listen ws://127.0.0.1:9000",
    "--listen ws://0.0.0.0:9000 --ws-auth capability-token --ws-token-file token.txt",
    "--listen wss://0.0.0.0:9000 --tls-cert chain.pem --tls-key key.pem --tls-client-ca clients.pem",
    "--listen unix:/run/user/1000/exec-server.sock",
    "--listen ws://0.0.0.0:9000 --ws-auth capability-token --ws-token-file token.txt --listen unix:/tmp/exec-server.sock",
    "--listen stdio --log-level warn",
  ],
  flags,
  async run({ flags, sections }, host) {
    const ofFleet = sections.find(({ fleet }) => fleet.length > 0);
    const fleet = readFleet(flags, ofFleet);
    const others = sections.filter((section) => section !== ofFleet);
    const places = readPlaces(others, host.http, fleet !== undefined);
    const offersConsole = offerConsole(flags, places);
    if (flags["isolate-sessions"]) refuseWithoutCredentials(places);
    const metricsPlace = parseMetrics(flags.metrics);
    if (metricsPlace !== undefined && places === "stdio" && metricsPlace === "here") {
      throw new UsageError("--metrics here is for ws://, not for stdio: give it http://127.0.0.1:PORT");
    }
    const otlp = readTelemetry(flags);
    const log = new LogOutput(host.writeStandard);
    const logger = new Logger({
      level: oneOf("log-level", flags["log-level"] ?? "info", logLevels),
      format: oneOf("log-format", flags["log-format"] ?? "text", logFormats),
      write: (line) => log.write(line),
    });
    outliveUncaughtErrors(logger);
    log.onLost = (lines) => logger.warn("log lines lost", { lines });
    const limits = givenLimits();
    if (limits.size > 0) logger.info("limits set", Object.fromEntries(limits));
    const warnings = new Set(sections.map(accessWarning));
    for (const reason of warnings) if (reason !== undefined) logger.warn("weak access", { reason });
    const certificates = await openCertificates(places === "stdio" ? [] : places, logger);
    const mechanism = oneOf("sandbox-mechanism", flags["sandbox-mechanism"] ?? "bwrap", sandboxMechanisms);
    const networks = readNetworks(flags);
    const concurrentRequests = parseCount("concurrent-requests", flags["concurrent-requests"] ?? "1");
    // Loaded by those commands alone that are a server.
    const { ExecServer } = await import("../server/server.ts");
    const metrics = (metricsPlace ?? otlp) &&
      new (await import("../server/server_metrics.ts")).ServerMetrics();
    if (metrics) measureCertificates(metrics.set, [...certificates.values()]);
    const telemetry = await openTelemetry(otlp, metrics, logger);
    const console = flags.console ? new (await import("../console/console.ts")).Console() : undefined;
    const server = new ExecServer({
      host,
      console,
      metrics,
      processTracing: telemetry?.tracing &&
        { tracing: telemetry.tracing, tellsChildren: flags["trace-children"] },
      logger,
      recorder: await openRecorder(flags, logger),
      spool: await openSpool(flags, logger),
      concurrentRequests,
      requiresSandbox: flags["require-sandbox"],
      processNetworks: networks,
      isolatesSessions: flags["isolate-sessions"],
      forwarding: forwardingOf(flags),
      ceilings: await keptCeilings(ceilingsOf(flags), host),
      prepare: async () => await host.spawner.programEnd?.watch(),
    });
    const { stopped, stop } = stopOnSignal(server, [...certificates.values()]);
    if (flags.bwrap !== undefined) host.spawner.confined?.useBubblewrap(resolve(flags.bwrap));
    host.spawner.confined?.useMechanism(mechanism);
    host.spawner.confined?.sweep().catch((error: Error) =>
      logger.warn("leftovers of sandboxes", { reason: error.message })
    );
    if (typeof metricsPlace === "object") await tellMetrics(server, host, metricsPlace, logger);
    if (places === "stdio") {
      await serveStdio(server, host, stopped);
    } else {
      try {
        const onListening = async (url: string, place: ServePlace) => {
          const { auth } = place;
          // Before the URL is out: whoever reads it may be here, and in the log, at once.
          logger.info("server listening", { url, auth });
          await host.writeStandard("stdout", new TextEncoder().encode(`${url}\n`));
          const offered = offersConsole(place);
          if (console && offered) {
            const link = `exec-server: console at ${offered.origin(url)}${console.link("full").path}\n`;
            await host.writeStandard("stderr", new TextEncoder().encode(link)).catch(() => {});
          }
        };
        const tellsMetrics = metricsPlace === "here";
        await listenAt(places, {
          server,
          http: host.http,
          certificates,
          tellsMetrics,
          offersConsole,
          onListening,
        });
        if (fleet) {
          await joinFleet(fleet, server, logger, stop);
          const place = `fleet:${fleet.group}/${fleet.name}\n`;
          await host.writeStandard("stdout", new TextEncoder().encode(place));
        }
      } catch (error) {
        await server.stop(); // It may have a folder on disk.
        throw error;
      }
      await stopped;
    }
    await telemetry?.[Symbol.asyncDispose]();
    await deadline(log.flushed(), SHUTDOWN_MS).catch(() => {}); // Nobody may read the log.
    return 0;
  },
});

/** @throws {UsageError} where nothing tells one client from another */
function refuseWithoutCredentials(places: ReturnType<typeof readPlaces>): void {
  if (places !== "stdio" && places.some(({ access }) => access.bearer || access.clientNames)) return;
  throw new UsageError("--isolate-sessions parts clients by their credentials: it needs --ws-auth");
}

/** @throws {Error} which says why it cannot be, and what helps; then the server is stopped */
async function tellMetrics(
  server: ExecServer,
  host: ProgramHost,
  where: ListenAddress,
  logger: Logger,
): Promise<void> {
  try {
    logger.info("metrics told", { url: await server.tellMetrics(host.http, where) });
  } catch (error) {
    await server.stop();
    throw explainListenFailure(error, `http://${where.address}:${where.port}`, where);
  }
}

/** @throws {Error} for one that this machine does not keep */
async function keptCeilings(
  ceilings: ProcessLimits | undefined,
  { spawner }: ProgramHost,
): Promise<ProcessLimits | undefined> {
  if (!ceilings) return undefined;
  const { checkKept } = await import("./check_limits.ts");
  await checkKept(ceilings, spawner);
  return ceilings;
}

/** Serves the one client at the other end of this program's stdin and stdout until it is gone. */
async function serveStdio(server: ExecServer, host: ProgramHost, stopped: Promise<void>): Promise<void> {
  const socket = new StdioSocket(process.stdin, (bytes) => host.writeStandard("stdout", bytes));
  await Promise.race([server.accept(socket), stopped]);
  await server.stop();
  await deadline(socket.flushed(), SHUTDOWN_MS).catch(() => {}); // The client may read no more.
}

/** What ends a server, and what comes when it has ended. */
interface Stopping {
  /** Resolves when everything was stopped. */
  readonly stopped: Promise<void>;
  readonly stop: () => void;
}

/**
 * Stops a server on a signal, or when asked. A second time, the program ends at once.
 *
 * @param certificates where there are some, SIGHUP has them read anew instead, as it does with other servers
 */
function stopOnSignal(server: ExecServer, certificates: readonly RenewedFiles[]): Stopping {
  const { promise: stopped, resolve, reject } = Promise.withResolvers<void>();
  let asked = false;
  const stop = () => {
    // What the first signal has begun to kill is killed by the end of this turn, and both may come in one.
    if (asked) return void setTimeout(() => process.exit(1));
    asked = true;
    server.stop().then(resolve, reject);
  };
  const reload = () => certificates.forEach((files) => void files.reload());
  process.on("SIGHUP", ignoresHangup() ? () => {} : certificates.length > 0 ? reload : stop);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  return { stopped, stop };
}
