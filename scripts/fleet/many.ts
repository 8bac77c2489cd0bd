/** Many hosts with processes that do nothing: how long they take, and what they cost the broker. */
import { join } from "node:path";
import { ExecServerClient } from "../../src/client/client.ts";
import { Broker } from "../../src/fleet/broker.ts";
import { hostConnector } from "../../src/fleet/host_connector.ts";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import { webSocketConnector } from "../../src/transport/websocket_transport.ts";
import type { TestBroker } from "../../tests/support/broker.ts";
import { commands } from "../commands.ts";
import { root } from "../places.ts";
import { percentile, residentMb, startChild } from "./children.ts";

const processesOfHost = 10;
const trips = 2_000;

/** @returns what was found, a line each */
export async function measureMany(broker: TestBroker, count: number): Promise<string[]> {
  const script = join(root, "scripts/fleet/hosts.ts");
  await using _hosts = await startChild([
    ...[Deno.execPath(), "run", "-A", "--no-check", script, broker.url, "real", String(count)],
  ]);
  await using direct = await startChild([...commands["deno"]!, "serve", "--log-level", "off"]);
  await using connection = await Broker.connect({ servers: [broker.url] }, "measurement");
  const begun = performance.now();
  const clients = await Promise.all(
    Array.from(
      { length: count },
      (_, at) => ExecServerClient.connect(hostConnector(connection, { group: "default", name: `host${at}` })),
    ),
  );
  const openedMs = performance.now() - begun;
  const began = performance.now();
  await Promise.all(clients.map(async (client) => {
    for (let at = 0; at < processesOfHost; at++) {
      await new RemoteBackend(client).start({ argv: ["sleep", "1000"] });
    }
  }));
  const startedMs = performance.now() - began;
  const held = residentMb(broker.pid);
  await using one = await ExecServerClient.connect(webSocketConnector(direct.line));
  // In turn, so that what else the machine does concerns both.
  const times = { fleet: [] as number[], direct: [] as number[] };
  for (let at = 0; at < trips; at++) {
    times.fleet.push(await trip(clients[Math.floor(Math.random() * count)]!));
    times.direct.push(await trip(one));
  }
  await Promise.all(clients.map((client) => client.terminateAll()));
  const ratio = (share: number) => percentile(times.fleet, share) / percentile(times.direct, share);
  const shown = (share: number) =>
    `${percentile(times.fleet, share).toFixed(2)} ms, ${ratio(share).toFixed(1)} times the direct one's`;
  return [
    `${count} sessions opened: ${openedMs.toFixed(0)} ms`,
    `${count * processesOfHost} processes started: ${startedMs.toFixed(0)} ms`,
    `the broker's memory with them: ${held.toFixed(0)} MB`,
    `round trip, median: ${shown(0.5)}`,
    `round trip, 99 of 100: ${shown(0.99)}`,
  ];
}

async function trip(client: ExecServerClient): Promise<number> {
  const begun = performance.now();
  await client.call("environment/status", null);
  return performance.now() - begun;
}
