import { cpus, freemem, loadavg, totalmem, uptime } from "node:os";
import type { MachineCounters } from "./machine_counters.ts";

/** What the runtime tells of a system without `/proc`. @throws {Error} where this program may not ask */
export function runtimeCounters(): MachineCounters {
  const processors = cpus();
  const busyMs = processors.reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
  return {
    cores: processors.length,
    busyMs: Math.round(busyMs),
    memory: { total: totalmem(), available: freemem() },
    load: loadavg(),
    uptimeMs: Math.round(uptime() * 1000),
  };
}
