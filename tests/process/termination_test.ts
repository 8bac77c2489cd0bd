import assert from "node:assert/strict";
import process from "node:process";
import { KILL_ROUNDS } from "../../src/limits.ts";
import type { ProcessListing } from "../../src/host/child_process.ts";
import { isRunning } from "../../src/host/is_running.ts";
import { killSessions } from "../../src/process/termination.ts";
import { isAlive, until } from "../support/proc.ts";
import { startFamily } from "../support/session_family.ts";

/** A listing that tells in each look what a test says, and counts the looks; the last goes on. */
class ScriptedListing implements ProcessListing {
  readonly #looks: Record<number, number | undefined>[];
  #now: Record<number, number | undefined> = {};
  looks = 0;

  /** @param looks the session of each process that is listed */
  constructor(...looks: Record<number, number | undefined>[]) {
    this.#looks = looks;
  }

  pids(): number[] {
    this.#now = this.#looks[this.looks++] ?? this.#looks.at(-1)!;
    return Object.keys(this.#now).map(Number);
  }

  sessionOf(pid: number): number | undefined {
    return this.#now[pid];
  }
}

/** A leader and jobs that have groups of their own. */
const jobs = (count: number) =>
  startFamily(`set -m; for i in $(seq ${count}); do sleep 100 & p="$p $!"; done; echo $p; wait`);

async function goneNumber(): Promise<number> {
  await using family = await startFamily("echo");
  await family.ended;
  return family.leader;
}

async function assertDead(...pids: number[]): Promise<void> {
  await until(`all of ${pids} are dead`, () => pids.every((pid) => !isAlive(pid)));
}

Deno.test("a killed session is looked through until nobody new is found", async () => {
  await using family = await jobs(3);
  const { leader, pids: [first, second, third] } = family;
  const one = { [leader]: leader, [first!]: leader };
  const listing = new ScriptedListing(one, { ...one, [second!]: leader }, { ...one, [third!]: leader }, one);
  killSessions([leader], listing);
  assert.equal(listing.looks, 4);
  await assertDead(leader, ...family.pids);
});

Deno.test("a killed leader's group is ended without any listing", async () => {
  await using family = await startFamily("sleep 100 & echo $!; wait");
  killSessions([family.leader], new ScriptedListing({}));
  await assertDead(family.leader, ...family.pids);
});

Deno.test("whoever is of another session is left alone", async () => {
  await using family = await jobs(1);
  await using bystander = await jobs(1);
  const { leader, pids: [job] } = family;
  const listing = new ScriptedListing({
    [process.pid]: undefined,
    [bystander.leader]: bystander.leader,
    [bystander.pids[0]!]: bystander.leader,
    [job!]: leader,
  });
  killSessions([leader], listing);
  assert.equal(listing.looks, 2);
  await assertDead(leader, job!);
  assert.ok(isAlive(bystander.leader) && isAlive(bystander.pids[0]!));
});

Deno.test("a number that went while it was looked at is a reason to look again, and one that is hidden is none", async () => {
  const gone = await goneNumber();
  await using family = await jobs(1);
  const { leader, pids: [job] } = family;
  const listing = new ScriptedListing(
    { [gone]: undefined },
    { [job!]: leader, [process.pid]: undefined },
    { [process.pid]: undefined },
  );
  killSessions([leader], listing);
  assert.equal(listing.looks, 3);
  await assertDead(leader, job!);
});

Deno.test("a machine where somebody always goes is not looked at for ever", async () => {
  const gone = await goneNumber();
  await using family = await startFamily("echo; sleep 100");
  const listing = new ScriptedListing({ [gone]: undefined });
  killSessions([family.leader], listing);
  assert.equal(listing.looks, KILL_ROUNDS);
});

Deno.test("many sessions are ended with the looks of one", async () => {
  await using one = await jobs(2);
  await using other = await jobs(2);
  await using bystander = await jobs(1);
  const everybody = [one, other, bystander].flatMap(({ leader, pids }) =>
    [leader, ...pids].map((pid) => [pid, leader])
  );
  const listing = new ScriptedListing(Object.fromEntries(everybody));
  killSessions([one.leader, other.leader], listing);
  await assertDead(one.leader, ...one.pids, other.leader, ...other.pids);
  assert.equal(listing.looks, 2);
  assert.ok([bystander.leader, ...bystander.pids].every(isAlive));
});

Deno.test("a session whose leader is gone is ended too, and one without anybody is no error", async () => {
  await using family = await startFamily("set -m; sleep 100 >/dev/null & echo $!");
  await family.ended;
  assert.ok(!isRunning(family.leader) && family.pids.every(isAlive));
  killSessions([family.leader]);
  await assertDead(...family.pids);
  killSessions([family.leader]);
});
