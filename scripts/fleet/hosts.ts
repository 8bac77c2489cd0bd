/**
 * Many hosts of a fleet in one process: real ones with a server each, or such that only tell who they are.
 *
 *   deno run -A scripts/fleet/hosts.ts BROKER real|told COUNT [FROM]
 */
import process from "node:process";
import { Broker } from "../../src/fleet/broker.ts";
import { FleetHost, type FleetServer } from "../../src/fleet/fleet_host.ts";
import { subjects } from "../../src/fleet/subjects.ts";
import { Logger } from "../../src/observe/logger.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { ExecServer } from "../../src/server/server.ts";

const [url = "", kind, count, from = "0"] = process.argv.slice(2);
const logger = new Logger({
  level: "error",
  format: "text",
  write: (line) => void process.stderr.write(line),
});
const told: FleetServer = {
  accept: () => Promise.resolve(),
  setDraining: () => {},
  refuseConnection: () => undefined,
  activity: { processes: 0, sessions: 0 },
};

for (let at = 0; at < Number(count); at++) {
  const name = `host${Number(from) + at}`;
  const broker = await Broker.connect({ servers: [url] }, name, `${subjects.ofHost("default", name)}.reply`);
  const server = kind === "real" ? new ExecServer({ host, logger }) : told;
  await FleetHost.join(broker, {
    ...{ group: "default", name, labels: { rack: String(at % 40), zone: "eu" }, server, os: "linux", logger },
    ...{ bearer: undefined, onDrained: () => {} },
  });
}
process.stdout.write("there\n");
