import assert from "node:assert/strict";
import { ANSWER_LOOK_MS, ANSWER_ROOM_MS, LARGE_ANSWER_BYTES, UNREAD_BYTES } from "../../src/limits.ts";
import { AnswerMemory } from "../../src/server/answer_memory.ts";
import { FakeTime } from "../support/fake_time.ts";

const { signal } = new AbortController();
const half = UNREAD_BYTES / 2;

Deno.test("large answers are made as long as there is room for them together, and then one after another", async () => {
  using time = new FakeTime();
  const memory = new AnswerMemory(() => 0);
  const [first] = await Promise.all([memory.reserve(half, signal), memory.reserve(half, signal)]);
  let third = false;
  void memory.reserve(half, signal).then(() => third = true);
  await time.pass(ANSWER_LOOK_MS * 3);
  assert.equal(third, false);
  first();
  first();
  await time.pass(ANSWER_LOOK_MS);
  assert.equal(third, true);
});

Deno.test("a large answer waits for clients to read, and is refused when they do not", async () => {
  using time = new FakeTime();
  let unread = UNREAD_BYTES;
  const memory = new AnswerMemory(() => unread);
  const refused = assert.rejects(memory.reserve(half, signal), {
    code: -32600,
    message: /no room for this one/,
  });
  await memory.reserve(LARGE_ANSWER_BYTES - 1, signal);
  await time.pass(ANSWER_ROOM_MS);
  await refused;
  const waiting = memory.reserve(half, signal);
  unread = half;
  await time.pass(ANSWER_LOOK_MS);
  await waiting;
  assert.equal(time.pending, 0);
});

Deno.test("who is alone may have an answer of any size, and who is gone waits for none", async () => {
  using time = new FakeTime();
  const memory = new AnswerMemory(() => 0);
  const release = await memory.reserve(UNREAD_BYTES * 4, signal);
  const gone = new AbortController();
  const waiting = assert.rejects(memory.reserve(half, gone.signal));
  gone.abort();
  await time.pass(ANSWER_LOOK_MS);
  await waiting;
  release();
  await memory.reserve(UNREAD_BYTES * 4, signal);
});
