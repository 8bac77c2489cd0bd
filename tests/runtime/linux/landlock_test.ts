import assert from "node:assert/strict";
import type { Plan } from "../../../src/host/confinement.ts";
import { CallList } from "../../../src/runtime/linux/runner/call_list.ts";
import { callBytes, listAddress } from "../../../src/runtime/linux/runner/layout.ts";
import { systemCallNumber } from "../../../src/runtime/linux/runner/system_calls.ts";
import { explainLandlock } from "../../../src/runtime/linux/sandbox/landlock/explain_landlock.ts";
import { addRuleset } from "../../../src/runtime/linux/sandbox/landlock/ruleset.ts";
import { unsaidBy } from "../../../src/runtime/linux/sandbox/landlock/unsaid.ts";

/** The calls of a list by their numbers, with their arguments, and the words that those point at. */
function decoded(
  list: CallList,
): { number: number; args: number[]; word: (arg: number, at?: number) => number }[] {
  const view = new DataView(list.encode().buffer);
  const first = Number(view.getBigUint64(0, true)) - listAddress;
  const calls = [];
  for (let at = first; at < view.byteLength; at += callBytes) {
    const args = [0, 1, 2, 3, 4, 5].map((index) => Number(view.getBigInt64(at + 8 + 8 * index, true)));
    const word = (arg: number, index = 0) =>
      Number(view.getBigInt64(args[arg]! - listAddress + 8 * index, true));
    calls.push({ number: Number(view.getBigUint64(at, true)), args, word });
  }
  return calls;
}

Deno.test("the rules let everything be read and run, and devices be written to", () => {
  const list = new CallList("x86_64");
  addRuleset(list, ["/dev/null"], 5);
  const calls = decoded(list);
  const of = (name: Parameters<typeof systemCallNumber>[0]) =>
    calls.filter(({ number }) => number === systemCallNumber(name, "x86_64"));
  // As much as the kernel can rule; the last one must be had.
  assert.deepEqual(of("landlock_create_ruleset").map(({ args, word }) => [word(0), args[1]]), [
    [0xffff, 24],
    [0xffff, 16],
    [0x7fff, 8],
  ]);
  assert.equal(of("landlock_create_ruleset")[0]!.word(0, 2), 3);
  // Execute, read a file, read a directory; read and write; control.
  assert.deepEqual(of("landlock_add_rule").map(({ word }) => word(2)), [0b1101, 0b110, 0x8000]);
  const [restricted] = of("landlock_restrict_self");
  assert.equal(restricted!.args[0], of("landlock_add_rule")[0]!.args[0]);
  assert.ok(calls.indexOf(of("prctl")[0]!) < calls.indexOf(restricted!));
});

const readOnly: Plan = {
  grade: "full",
  root: "readOnly",
  mounts: [],
  hasNetwork: false,
  filter: "noNetwork",
};

Deno.test("what the rules cannot say of a plan is named", () => {
  assert.equal(unsaidBy(readOnly), undefined);
  assert.equal(unsaidBy({ ...readOnly, hasNetwork: true, filter: "network" }), undefined);
  assert.match(unsaidBy({ ...readOnly, root: "writable" })!, /take anything out/);
  assert.match(unsaidBy({ ...readOnly, root: "empty" })!, /does not name/);
  assert.match(unsaidBy({ ...readOnly, filter: "ownNetwork", listens: [1] })!, /network of its own/);
  const kinds = {
    writable: /be written to/,
    readOnly: /keep \/x read only/,
    hiddenFile: /hide \/x/,
    emptyDirectory: /keep \/x from being made/,
  } as const;
  for (const [kind, text] of Object.entries(kinds) as [keyof typeof kinds, RegExp][]) {
    assert.match(unsaidBy({ ...readOnly, mounts: [{ kind, path: "/x" }] })!, text);
  }
});

Deno.test("a kernel without Landlock, with an old one, or with one that is off is told apart", () => {
  const remedy = (errno: number) =>
    explainLandlock({ call: "landlock_create_ruleset", errno, purpose: "make rules of Landlock" }).message;
  assert.match(remedy(22), /files be cut short: use Linux 6\.2/);
  assert.match(remedy(38), /use Linux 6\.2 or later with Landlock/);
  assert.match(remedy(95), /option lsm=/);
});
