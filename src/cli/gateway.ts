import process from "node:process";
import { logFormats, Logger, logLevels } from "../observe/logger.ts";
import { defineCommand } from "./command.ts";
import { chosenFleet, fleetFlags } from "./fleet_flags.ts";
import type { GatewayEnvironmentsOptions } from "./gateway_environments.ts";
import { LogOutput } from "./log_output.ts";
import { oneOf } from "./one_of.ts";
import { listenAt, openCertificates, placeFlags, readPlaces, type ServePlace } from "./serve_places.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  ...fleetFlags,
  ...placeFlags,
  "write-environments": {
    help:
      "Keep an entry for each host in $CODEX_HOME/environments.toml while it serves, as NAME or GROUP-NAME",
  },
  "log-level": { value: "LEVEL", complete: logLevels, help: "How much is logged to stderr; info by default" },
  "log-format": { value: "FORMAT", complete: logFormats, help: "How: text by default" },
} as const;

/** `exec-server gateway` */
export const gateway = defineCommand({
  name: "gateway",
  summary: "Give each host of a fleet a URL, for programs that speak WebSocket",
  description:
    `Prints where it listens, and serves until SIGTERM or SIGINT. URL/hosts/NAME and URL/hosts/GROUP/NAME are the hosts \
of the fleet, as the Codex CLI, the library and everything else that speaks the protocol reaches a server. What a client \
shows as its token goes on to the host.`,
  examples: [
    "--fleet nats://broker.example.com --fleet-creds me.creds --listen ws://127.0.0.1:7300",
    "--listen ws://127.0.0.1:7300 --write-environments",
  ],
  flags,
  async run({ flags, sections }, host) {
    const fleet = chosenFleet(flags);
    const places = readPlaces(sections, host.http, false);
    if (places === "stdio") throw new UsageError("gateway listens at ws://, wss:// or unix:, not at stdio");
    const entered = flags["write-environments"] ? placeForEntries(places) : undefined;
    const log = new LogOutput(host.writeStandard);
    const logger = new Logger({
      level: oneOf("log-level", flags["log-level"] ?? "info", logLevels),
      format: oneOf("log-format", flags["log-format"] ?? "text", logFormats),
      write: (line) => log.write(line),
    });
    const [{ Broker }, { Gateway }] = await Promise.all([
      import("../fleet/broker.ts"),
      import("../fleet/gateway.ts"),
    ]);
    await using broker = await Broker.connect(fleet, "exec-server gateway");
    const certificates = await openCertificates(places, logger);
    const gateway = new Gateway({ broker, logger });
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
    let written: AsyncDisposable | undefined;
    await listenAt(places, {
      server: gateway,
      http: host.http,
      certificates,
      async onListening(url, place) {
        logger.info("gateway listening", { url, auth: place.auth });
        if (place === entered) written = await enter({ broker, fleet: fleet.servers, url, host, logger });
        await host.writeStandard("stdout", new TextEncoder().encode(`${url}\n`));
      },
    });
    await stopped;
    await written?.[Symbol.asyncDispose]();
    await gateway.stop();
    return 0;
  },
});

/** @throws {UsageError} where no place can stand in the file */
function placeForEntries(places: readonly ServePlace[]): ServePlace {
  const place = places.find(({ where }) => "address" in where);
  if (!place) {
    throw new UsageError("--write-environments needs a place that has a URL: --listen ws://127.0.0.1:0");
  }
  if (place.auth === "none") return place;
  throw new UsageError(
    `--write-environments cannot say what ${place.text} asks for: listen first at a place of this machine that asks nothing`,
  );
}

async function enter(options: GatewayEnvironmentsOptions): Promise<AsyncDisposable> {
  const [{ GatewayEnvironments }, { EnvironmentsFileError }] = await Promise.all([
    import("./gateway_environments.ts"),
    import("../codex/environments_file.ts"),
  ]);
  try {
    return await GatewayEnvironments.begin(options);
  } catch (error) {
    if (!(error instanceof EnvironmentsFileError)) throw error;
    throw new UsageError(`--write-environments: ${error.message}`, { cause: error });
  }
}
