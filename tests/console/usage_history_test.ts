import assert from "node:assert/strict";
import { UsageHistory } from "../../src/console/page/machine/usage_history.ts";
import type { MachineUsage } from "../../src/usage/machine_usage.ts";

function usage(uptimeMs: number, busyMs: number, cpuMs?: number): MachineUsage {
  return {
    cpu: { cores: 2, busy: 0.5, busyMs },
    memory: { total: 100, available: 40 },
    disks: [],
    load: [0, 0, 0],
    uptimeMs,
    processes: cpuMs === undefined ? [] : [{ handle: "h", cpuMs, rssBytes: 7, pids: 1 }],
  };
}

Deno.test("a curve shows what was used since the look before, whoever else looks", () => {
  const history = new UsageHistory(10);
  assert.equal(history.add(usage(1_000, 100, 500), 5_000)[0]!.cpu, undefined);
  assert.equal(history.add(usage(3_000, 3_100, 1_500), 7_000)[0]!.cpu, 0.5);
  assert.deepEqual(history.cpu, [[5, 7], [50, 75]]);
  assert.deepEqual(history.memory[1], [60, 60]);
});

Deno.test("a machine that was started anew, and one that is looked at twice at once, show no nonsense", () => {
  const history = new UsageHistory(10);
  history.add(usage(9_000, 9_000, 100), 1_000);
  assert.equal(history.add(usage(1_000, 100, 50), 2_000)[0]!.cpu, undefined);
  history.add(usage(1_000, 100, 50), 2_000);
  assert.deepEqual(history.cpu[1], [50, 50, 50]);
});

Deno.test("only so much is kept", () => {
  const history = new UsageHistory(3);
  for (let at = 1; at <= 9; at++) history.add(usage(at * 1_000, at * 1_000), at * 1_000);
  assert.deepEqual(history.cpu, [[7, 8, 9], [50, 50, 50]]);
});
