import { deepEqual, equal } from "node:assert/strict";
import type { Contender } from "../../scripts/bench/contender.ts";
import { measure } from "../../scripts/bench/measure.ts";
import { ms } from "../../scripts/bench/metric.ts";
import type { Workload } from "../../scripts/bench/workload.ts";

const trip: Workload = { name: "trip", metrics: [ms("out"), ms("back")], besides: ["bare socket"] };

function contender(name: string, rest: Partial<Contender> = {}, log: string[] = []): Contender {
  const target = { kind: "server", url: "", pid: 1 } as const;
  const start = () => {
    log.push(`start ${name}`);
    return Promise.resolve({ target, stop: () => Promise.resolve(log.push(`stop ${name}`)) });
  };
  return { name, kind: "server", start, ...rest };
}

Deno.test("measure() takes contenders in turn and stops them all", async () => {
  const log: string[] = [];
  const { samples, failures } = await measure({
    contenders: [contender("a", {}, log), contender("b", {}, log)],
    workloads: [trip],
    rounds: 2,
    work: (_, { name }) => Promise.resolve({ out: log.push(name) }),
  });
  deepEqual(log, ["start a", "start b", "a", "b", "a", "b", "stop a", "stop b"]);
  deepEqual(samples, [{ metric: ms("out"), values: { a: [3, 5], b: [4, 6] } }]);
  deepEqual(failures, []);
});

Deno.test("measure() gives each round of a fresh workload a server of its own", async () => {
  const log: string[] = [];
  await measure({
    contenders: [contender("a", {}, log)],
    workloads: [{ ...trip, isFresh: true, rounds: 2 }],
    rounds: 9,
    work: () => Promise.resolve({ out: log.push("work") }),
  });
  deepEqual(log, ["start a", "work", "stop a", "start a", "work", "stop a"]);
});

Deno.test("measure() tells of a contender that fails, tries it no more, and goes on with the others", async () => {
  let attempts = 0;
  const broken = contender("broken", { start: () => Promise.reject(new Error("No port")) });
  const { samples, failures } = await measure({
    contenders: [broken, contender("weak"), contender("good")],
    workloads: [trip],
    rounds: 3,
    work(_, { name }) {
      if (name === "good") return Promise.resolve({ out: 1, back: 2 });
      attempts++;
      return Promise.reject(new Error("Lost output"));
    },
  });
  equal(attempts, 1);
  deepEqual(failures, [
    { contender: "broken", workload: "trip", reason: "No port" },
    { contender: "weak", workload: "trip", reason: "Lost output" },
  ]);
  deepEqual(samples.map(({ values }) => values), [{ good: [1, 1, 1] }, { good: [2, 2, 2] }]);
});

Deno.test("measure() stops a server whose work failed", async () => {
  const log: string[] = [];
  await measure({
    contenders: [contender("a", {}, log)],
    workloads: [{ ...trip, isFresh: true }],
    rounds: 1,
    work: () => Promise.reject(new Error("No")),
  });
  deepEqual(log, ["start a", "stop a"]);
});

Deno.test("measure() measures whom a workload is for", async () => {
  const names: string[] = [];
  await measure({
    contenders: [contender("floor", { kind: "bare socket" }), contender("rival", { kind: "sshd" })],
    workloads: [trip],
    rounds: 1,
    work: (_, { name }) => Promise.resolve({ out: names.push(name) }),
  });
  deepEqual(names, ["floor"]);
});
