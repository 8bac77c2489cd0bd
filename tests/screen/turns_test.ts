import assert from "node:assert/strict";
import { SCREEN_TURN_MS } from "../../src/limits.ts";
import { Turns } from "../../src/screen/turns.ts";
import { FakeTime } from "../support/fake_time.ts";

Deno.test("turns come one at a time, in the order they were asked for, with a rest as long between them", async () => {
  using time = new FakeTime();
  const turns = new Turns();
  const began: string[] = [];
  const take = async (name: string, taken: Promise<void>) => {
    await taken;
    began.push(name);
  };
  for (const name of ["a", "b"]) void take(name, turns.take());
  await time.pass(SCREEN_TURN_MS);
  assert.deepEqual([began, turns.isOver()], [["a"], true]);
  void take("a again", turns.pass());
  await time.pass(SCREEN_TURN_MS - 1);
  assert.deepEqual(began, ["a"], "it rests");
  await time.pass(1);
  assert.deepEqual(began, ["a", "b"]);
  await time.pass(SCREEN_TURN_MS / 2);
  turns.end();
  await time.pass(SCREEN_TURN_MS / 2);
  assert.deepEqual(began, ["a", "b", "a again"]);
  turns.end();
  assert.equal(time.pending, 0);
});

Deno.test("who comes when nobody works has its turn at once, and a moment's work needs no rest", async () => {
  using time = new FakeTime();
  const turns = new Turns();
  for (let i = 0; i < 3; i++) {
    await turns.take();
    assert.equal(turns.isOver(), false);
    turns.end();
  }
  assert.equal(time.pending, 0);
});
