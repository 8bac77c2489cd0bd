import assert from "node:assert/strict";
import type { CompatibilityTables, Place } from "./compatibility_tables.ts";
import { judge, type Outcome } from "./judgement.ts";

const outcome = (state: Outcome["state"], name: string, area: string, requires?: string[]): Outcome => ({
  vector: { name, area, requires },
  state,
});

function tables(differences: Record<string, Place[]>, pending: string[] = []): CompatibilityTables {
  return {
    differences: Object.entries(differences).map(([vector, where]) => ({ vector, where, sometimes: false })),
    pending,
  };
}

/** The names of failures that nothing explains, and the faults of the tables. */
function verdict(outcomes: Outcome[], said: CompatibilityTables, runtime: Place = "deno") {
  const { areas, tableFaults } = judge(outcomes, said, runtime);
  return { failed: areas.flatMap(({ failed }) => failed.map(({ vector }) => vector.name)), tableFaults };
}

Deno.test("outcomes are counted per area", () => {
  const { areas, tableFaults } = judge(
    [
      outcome("passed", "one", "read"),
      outcome("failed", "two", "read"),
      outcome("failed", "three", "read"),
      outcome("skipped", "four", "read"),
      outcome("passed", "five", "tty"),
      outcome("failed", "six", "tty"),
    ],
    tables({ two: ["all"] }, ["tty"]),
    "deno",
  );
  assert.deepEqual(areas.map(({ failed, ...counts }) => ({ ...counts, failed: failed.length })), [
    { area: "read", passed: 1, different: 1, pending: 0, skipped: 1, failed: 1 },
    { area: "tty", passed: 1, different: 0, pending: 1, skipped: 0, failed: 0 },
  ]);
  assert.deepEqual(tableFaults, []);
});

Deno.test("a failure without a row fails", () => {
  assert.deepEqual(verdict([outcome("failed", "a", "read")], tables({})).failed, ["a"]);
});

Deno.test("a row explains a failure only where it says", () => {
  const failed = [outcome("failed", "a", "read")];
  assert.deepEqual(verdict(failed, tables({ a: ["deno", "bun"] }), "bun").failed, []);
  assert.deepEqual(verdict(failed, tables({ a: ["deno"] }), "bun").failed, ["a"]);
  assert.deepEqual(verdict(failed, tables({ a: ["deno", "bun"] }), "binary").failed, ["a"]);
  assert.deepEqual(verdict(failed, tables({ a: ["all"] }), "binary").failed, []);
});

Deno.test("a row whose vector passes is a fault, where the row holds", () => {
  const passed = [outcome("passed", "a", "read")];
  assert.deepEqual(verdict(passed, tables({ a: ["all"] })).tableFaults, [
    '"a" no longer differs on deno: take its row away',
  ]);
  assert.deepEqual(verdict(passed, tables({ a: ["bun"] })).tableFaults, []);
});

Deno.test("a row of what differs only sometimes is no fault when its vector passes", () => {
  const said: CompatibilityTables = {
    differences: [{ vector: "a", where: ["all"], sometimes: true }],
    pending: [],
  };
  assert.deepEqual(verdict([outcome("passed", "a", "read")], said), { failed: [], tableFaults: [] });
  assert.deepEqual(verdict([outcome("failed", "a", "read")], said), { failed: [], tableFaults: [] });
});

Deno.test("a row that names no vector is a fault, wherever it holds", () => {
  for (const where of ["all", "bun"] as const) {
    assert.deepEqual(verdict([outcome("passed", "a", "read")], tables({ b: [where] })).tableFaults, [
      '"b" is not the name of a vector',
    ]);
  }
});

Deno.test("an area that is not there yet may fail, in part or whole", () => {
  const outcomes = [outcome("failed", "a", "tty"), outcome("passed", "b", "tty")];
  assert.deepEqual(verdict(outcomes, tables({}, ["tty"])), { failed: [], tableFaults: [] });
});

Deno.test("an area whose vectors pass, or differ on purpose, is there and its row a fault", () => {
  const outcomes = [outcome("passed", "a", "tty"), outcome("failed", "b", "tty")];
  assert.deepEqual(verdict(outcomes, tables({ b: ["all"] }, ["tty"])).tableFaults, [
    '"tty" is there now: take its row away',
  ]);
});

Deno.test("an area without vectors is a fault", () => {
  assert.deepEqual(verdict([outcome("passed", "a", "read")], tables({}, ["reed"])).tableFaults, [
    '"reed" has no vectors',
  ]);
});

Deno.test("an ability that is not there yet covers the vectors that need it, in any area", () => {
  const outcomes = [outcome("failed", "a", "read", ["sandbox"]), outcome("failed", "b", "read")];
  assert.deepEqual(verdict(outcomes, tables({}, ["requires: sandbox"])), { failed: ["b"], tableFaults: [] });
  const passed = [outcome("passed", "a", "read", ["sandbox"]), outcome("failed", "b", "read")];
  assert.deepEqual(verdict(passed, tables({}, ["requires: sandbox"])).tableFaults, [
    '"requires: sandbox" is there now: take its row away',
  ]);
});

Deno.test("a vector that was not replayed proves no row wrong", () => {
  const outcomes = [outcome("skipped", "a", "read"), outcome("passed", "b", "read")];
  assert.deepEqual(verdict(outcomes, tables({ a: ["all"] }, ["read"])), { failed: [], tableFaults: [] });
});
