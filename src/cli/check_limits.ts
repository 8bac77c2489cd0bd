import type { ProcessSpawner } from "../host/child_process.ts";
import {
  limitNames,
  type LimitSupport,
  type ProcessLimits,
  UnenforceableLimitError,
} from "../host/process_limits.ts";
import type { Finding } from "./doctor_finding.ts";
import type { ProgramHost } from "./program_host.ts";

/** @throws {UnenforceableLimitError} for the first of these limits that this machine does not keep */
export async function checkKept(limits: ProcessLimits, spawner: ProcessSpawner): Promise<void> {
  const support = await supportOf(spawner);
  for (const name of limitNames) {
    const found = support(name);
    if (limits[name] !== undefined && "reason" in found) throw new UnenforceableLimitError(name, found);
  }
}

/** What becomes of limits here. This program goes into a group of its own for that. */
export async function supportOf(
  { limited, programEnd }: ProcessSpawner,
): Promise<(name: keyof ProcessLimits) => LimitSupport> {
  await programEnd?.watch();
  const support = await limited?.support();
  const none = { reason: "this system or runtime keeps none", remedy: "use Linux, and Deno or Bun" };
  return (name) => support?.[name] ?? (name === "wallMs" ? { by: "the server's clock" } : none);
}

/** What of each limit there is. */
export async function findLimits({ spawner }: ProgramHost): Promise<Finding> {
  try {
    const support = await supportOf(spawner);
    const found = limitNames.map((name) => ({ name, support: support(name) }));
    const missing = found.filter(({ support }) => "reason" in support).map(({ name }) => name);
    const first = found.map(({ support }) => support).find((support) => "reason" in support);
    if (first && "reason" in first) {
      return { bad: `not to be had: ${missing.join(", ")}: ${first.reason}`, remedy: first.remedy };
    }
    const words = found.map(({ name, support }) => `${name} by ${"by" in support ? support.by : ""}`);
    return { good: words.join(", ") };
  } catch (error) {
    return { bad: (error as Error).message, remedy: "processes run without limits all the same" };
  }
}

/** Whether nothing outlives a server that is killed. */
export async function findDaemons({ spawner: { programEnd } }: ProgramHost): Promise<Finding> {
  const remedy = "end such a server by SIGTERM";
  if (!programEnd) return { bad: "what a server has started outlives it where it is killed", remedy };
  try {
    await programEnd.watch();
    const found = await programEnd.daemons();
    if ("by" in found) return { good: `end with a server, also where it is killed, by ${found.by}` };
    return { bad: `outlive a server that is killed: ${found.reason}`, remedy: found.remedy };
  } catch (error) {
    return { bad: (error as Error).message, remedy };
  }
}
