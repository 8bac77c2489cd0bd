/** One workload in a process of its own, on Deno or Bun: `worker.ts JSON`, which is a `Job`. Prints JSON. */
import process from "node:process";
import type { Numbers } from "./metric.ts";
import { openShell } from "./shells/open.ts";
import type { Target } from "./target.ts";
import { workloads } from "./workloads/all.ts";
import type { Scale } from "./workload.ts";

/** What a worker is told. */
export interface Job extends Scale {
  readonly workload: string;
  readonly target: Target;
}

async function perform({ workload: name, target, quick }: Job): Promise<Numbers> {
  const workload = workloads.find((workload) => workload.name === name);
  if (!workload) throw new Error(`No workload "${name}"`);
  if (target.kind === "server" || target.kind === "bare socket") {
    return await workload.run!(target, { quick });
  }
  if (!workload.runShell) throw new Error(`"${name}" cannot be done by a ${target.kind}`);
  await using shell = await openShell(target);
  return await workload.runShell(shell, { quick });
}

if (import.meta.main) {
  try {
    process.stdout.write(JSON.stringify(await perform(JSON.parse(process.argv[2]!))) + "\n");
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
