/** How long it takes from the shell: until a server is ready, and for one command with a server of its own. */
import type { Contender } from "./contenders.ts";
import { rivalName } from "./contenders.ts";
import type { Metric, Numbers } from "./workloads.ts";

export const startUpMetrics: readonly Metric[] = [
  { name: "start-up to ready", unit: "ms", better: "lower" },
  { name: "run -- true", unit: "ms", better: "lower" },
];

export async function measureStartUp(contender: Contender): Promise<Numbers> {
  const started = performance.now();
  const server = await contender.start();
  const ready = performance.now() - started;
  await server.stop();
  if (contender.name === rivalName) return { "start-up to ready": ready }; // It has no `run`.
  const [program, ...args] = contender.command;
  const began = performance.now();
  await new Deno.Command(program!, { args: [...args, "run", "--", "true"], stdin: "null" }).output();
  return { "start-up to ready": ready, "run -- true": performance.now() - began };
}
