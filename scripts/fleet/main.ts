/**
 * Measures a fleet on this machine, with a broker, clients and hosts of its own: what it holds, how fast it is beside a
 * direct connection, and how soon a host that has died is known. `nats-server` must be there.
 *
 *   deno run -A scripts/fleet/main.ts [--hosts 200] [--discovered 3000] [--rounds 5]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { commands } from "../commands.ts";
import { TestBroker } from "../../tests/support/broker.ts";
import { bulkRatio } from "./bulk.ts";
import { deathKnownMs } from "./death.ts";
import { discoveryMs } from "./discovery.ts";
import { measureMany } from "./many.ts";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "200" },
    discovered: { type: "string", default: "3000" },
    rounds: { type: "string", default: "5" },
  },
});
const rounds = Number(values.rounds);
const say = (text: string) => void process.stdout.write(`${text}\n`);

{
  await using broker = await TestBroker.start();
  for (const line of await measureMany(broker, Number(values.hosts))) say(line);
}
{
  await using broker = await TestBroker.start();
  const found = await discoveryMs(broker, Number(values.discovered), rounds);
  say(`${values.discovered} hosts discovered: ${found.ms.toFixed(0)} ms, ${found.hosts} of them answered`);
}
{
  await using broker = await TestBroker.start();
  say(`a dead host known: ${(await deathKnownMs(broker, rounds)).toFixed(0)} ms`);
  for (const runtime of ["deno", "bun"] as const) {
    const { ratio, direct } = await bulkRatio(broker, commands[runtime]!, rounds);
    say(`bulk on ${runtime}: ${ratio.toFixed(2)} of the direct ${direct.toFixed(0)} MB/s`);
  }
}
process.exit(0);
