/** How long it takes to find all hosts of a large fleet. */
import { join } from "node:path";
import { Broker } from "../../src/fleet/broker.ts";
import { discoverHosts } from "../../src/fleet/hosts.ts";
import type { TestBroker } from "../../tests/support/broker.ts";
import { root } from "../places.ts";
import { median, startChild } from "./children.ts";

const hostsOfProcess = 500;

/** @returns the median, and how many answered the last time */
export async function discoveryMs(
  broker: TestBroker,
  count: number,
  rounds: number,
): Promise<{ ms: number; hosts: number }> {
  const script = join(root, "scripts/fleet/hosts.ts");
  // Each host has a connection that is looked after: no single process is to be what is measured.
  await using hosts = new AsyncDisposableStack();
  for (let from = 0; from < count; from += hostsOfProcess) {
    const args = [broker.url, "told", String(Math.min(hostsOfProcess, count - from)), String(from)];
    hosts.use(await startChild([Deno.execPath(), "run", "-A", "--no-check", script, ...args]));
  }
  await using connection = await Broker.connect({ servers: [broker.url] }, "measurement");
  const times: number[] = [];
  let answered = 0;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    answered = (await discoverHosts(connection)).length;
    times.push(performance.now() - begun);
  }
  return { ms: median(times), hosts: answered };
}
