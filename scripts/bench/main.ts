/**
 * Compares this server with its rival, in turn, each workload in a client process of its own.
 *
 *   deno task bench [--rounds N] [--only NAME]... [--json]
 */
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { type Contender, contenders } from "./contenders.ts";
import { measureMemory, memoryMetrics } from "./memory.ts";
import { type Sample, table } from "./report.ts";
import { measureStartUp, startUpMetrics } from "./start_up.ts";
import { type Metric, type Numbers, workloads } from "./workloads.ts";

const args = parseArgs(process.argv.slice(2), {
  string: ["rounds", "only"],
  collect: ["only"],
  boolean: ["json"],
});
const rounds = Number(args.rounds ?? 5);
const only = args.only as string[];
const isWanted = (name: string) => only.length === 0 || only.some((part) => name.includes(part));
const all = contenders();
const samples: Sample[] = [];

for (const { name, metrics, floor } of workloads) {
  if (!isWanted(name)) continue;
  const servers = new Map<Contender, Awaited<ReturnType<Contender["start"]>>>();
  for (const contender of all) servers.set(contender, await contender.start());
  for (let round = 0; round < rounds; round++) {
    if (floor) record("floor", metrics, await work(name, "floor"));
    for (const [contender, server] of servers) record(contender.name, metrics, await work(name, server.url));
  }
  for (const server of servers.values()) await server.stop();
}
if (isWanted("memory")) {
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    for (const contender of all) record(contender.name, memoryMetrics, await measureMemory(contender));
  }
}
if (isWanted("start-up")) {
  for (let round = 0; round < rounds; round++) {
    for (const contender of all) record(contender.name, startUpMetrics, await measureStartUp(contender));
  }
}
process.stdout.write(
  args.json ? JSON.stringify(samples, null, 2) + "\n" : table(samples, all.map(({ name }) => name)),
);

/** Runs a workload in a process of its own; undefined where the server cannot do it. */
async function work(name: string, url: string): Promise<Numbers | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "scripts/bench/worker.ts", name, url],
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  const [reason = ""] = new TextDecoder().decode(stderr).split("\n");
  process.stderr.write(`${name} at ${url}: ${reason}\n`);
}

function record(contender: string, metrics: readonly Metric[], numbers: Numbers | undefined): void {
  for (const metric of metrics) {
    const value = numbers?.[metric.name];
    if (value === undefined) continue;
    let sample = samples.find((sample) => sample.metric.name === metric.name);
    if (!sample) samples.push(sample = { metric, values: {} });
    (sample.values[contender] ??= []).push(value);
  }
}
