import assert from "node:assert/strict";
import { memoryIn, processorTicks, withinGroup } from "../../src/usage/linux_counters.ts";

Deno.test("processors that wait for a disk do not work, and what guests had is counted once", () => {
  const stat = "cpu  100 20 30 4000 500 6 7 8 90 9\ncpu0 50 10 15 2000 250 3 3 4 45 4\ncpu1 1 1\nintr 1 2\n";
  assert.deepEqual(processorTicks(stat), { cores: 2, busyTicks: 171 });
});

Deno.test("a kernel that tells no interrupts and counts no processors is read too", () => {
  assert.deepEqual(processorTicks("cpu 1 2 3 4\n"), { cores: 1, busyTicks: 6 });
});

Deno.test("memory is told in bytes, also by a kernel that does not say what is available", () => {
  assert.deepEqual(memoryIn("MemTotal:  100 kB\nMemFree:  10 kB\nMemAvailable:   40 kB\n"), {
    total: 102_400,
    available: 40_960,
  });
  assert.equal(memoryIn("MemTotal: 100 kB\nMemFree: 10 kB\n").available, 10_240);
});

Deno.test("a container has what it may use, and never more than there is", () => {
  const memory = { total: 1_000, available: 300 };
  assert.deepEqual(withinGroup(memory, { max: 500, used: 100 }), { total: 500, available: 300 });
  assert.deepEqual(withinGroup(memory, { max: 500, used: 450 }), { total: 500, available: 50 });
  assert.deepEqual(withinGroup(memory, { max: 500, used: 600 }), { total: 500, available: 0 });
  assert.equal(withinGroup(memory, { max: 2_000, used: 0 }), memory);
  assert.equal(withinGroup(memory, undefined), memory);
});
