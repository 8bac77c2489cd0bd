/** What a server holds: at rest, for every idle process and connection, and after work. */
import { RawClient } from "./raw_client.ts";
import type { Contender } from "./contenders.ts";
import type { Metric, Numbers } from "./workloads.ts";

export const memoryMetrics: readonly Metric[] = [
  { name: "memory at rest", unit: "MB", better: "lower" },
  { name: "per idle process", unit: "KB", better: "lower" },
  { name: "per idle connection", unit: "KB", better: "lower" },
  { name: "memory after load", unit: "MB", better: "lower" },
];

const idle = 100;

/** Measures a server of its own, from its start. */
export async function measureMemory(contender: Contender): Promise<Numbers> {
  await using server = await contender.start();
  const client = await RawClient.open(server.url);
  const rest = await settledRss(server.pid);
  for (let i = 0; i < idle; i++) await client.start(`idle${i}`, ["sleep", "600"]);
  const withProcesses = await settledRss(server.pid);
  const clients = await Promise.all(Array.from({ length: idle }, () => RawClient.open(server.url)));
  const withConnections = await settledRss(server.pid);
  for (const other of clients) other.close();
  for (let i = 0; i < idle; i++) await client.call("process/terminate", { processId: `idle${i}` });
  const load = Array.from({ length: 50 }, async (_, i) => {
    await (await client.start(`load${i}`, ["/bin/sh", "-c", "head -c 20000000 /dev/zero"])).closed;
  });
  await Promise.all(load);
  const after = await settledRss(server.pid);
  client.close();
  return {
    "memory at rest": rest / 1e6,
    "per idle process": Math.max(0, withProcesses - rest) / idle / 1e3,
    "per idle connection": Math.max(0, withConnections - withProcesses) / idle / 1e3,
    "memory after load": after / 1e6,
  };
}

/** Bytes of a process's resident memory, once they have been still for a moment. */
async function settledRss(pid: number): Promise<number> {
  let last = 0;
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = rss(pid);
    if (Math.abs(now - last) < 500_000) return now;
    last = now;
  }
  return last;
}

function rss(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) * 1024;
}
