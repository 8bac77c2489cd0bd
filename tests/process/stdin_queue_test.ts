import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  STDIN_QUEUE_BYTES,
  STDIN_QUEUE_WRITES,
  STDIN_WRITE_BYTES,
  WRITE_ID_CHARS,
  WRITE_IDS,
} from "../../src/limits.ts";
import { StdinQueue } from "../../src/process/stdin_queue.ts";
import { textOf } from "../support/client.ts";
import { FakeSink } from "../support/fake_child.ts";

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function received(sink: FakeSink): string {
  return textOf(concat(sink.received));
}

/** Watches a promise without waiting for it. */
function watch(waiting: Promise<void> | undefined): { done: boolean } {
  const state = { done: waiting === undefined };
  waiting?.then(() => state.done = true);
  return state;
}

Deno.test("StdinQueue passes writes on in order, then the end", async () => {
  const sink = new FakeSink();
  const queue = new StdinQueue(sink);
  for (const [i, text] of ["a", "", "bc", "d"].entries()) queue.write(bytes(text), String(i));
  queue.close();
  assert.equal(sink.closed, false, "not before everything queued is written");
  await settle();
  assert.equal(received(sink), "abcd");
  assert.equal(sink.closed, true);
});

Deno.test("StdinQueue drops the bytes of a repeated write id, whatever they are", async () => {
  const sink = new FakeSink();
  const queue = new StdinQueue(sink);
  await queue.write(bytes("one"), "1");
  await queue.write(bytes("other"), "1");
  await queue.write(bytes("two"), "2");
  await settle();
  assert.equal(received(sink), "onetwo");
});

Deno.test("StdinQueue remembers so many write ids, the newest ones", async () => {
  const sink = new FakeSink();
  const queue = new StdinQueue(sink);
  for (let i = 0; i <= WRITE_IDS; i++) await queue.write(bytes("."), String(i));
  await queue.write(bytes("oldest again"), "0");
  await queue.write(bytes("newest again"), String(WRITE_IDS));
  await settle();
  assert.equal(received(sink), ".".repeat(WRITE_IDS + 1) + "oldest again");
});

Deno.test("StdinQueue answers a write while there is room, and the next ones as the child reads, in order", async () => {
  const sink = new FakeSink(false);
  const queue = new StdinQueue(sink);
  const half = new Uint8Array(STDIN_QUEUE_BYTES / 2);
  const writes = [1, 2, 3, 4].map((id) => watch(queue.write(half, String(id))));
  const done = () => writes.map(({ done }) => done);
  await settle();
  assert.deepEqual(done(), [true, true, false, false]);
  const takeHalf = async () => {
    for (let at = 0; at < half.length; at += STDIN_WRITE_BYTES) {
      sink.take();
      await settle();
    }
  };
  await takeHalf();
  assert.deepEqual(done(), [true, true, true, false]);
  await takeHalf();
  assert.deepEqual(done(), [true, true, true, true]);
});

Deno.test("StdinQueue answers so many small writes ahead of the child, and no more", async () => {
  const queue = new StdinQueue(new FakeSink(false));
  const writes = Array.from(
    { length: STDIN_QUEUE_WRITES + 5 },
    (_, id) => watch(queue.write(bytes("x"), String(id))),
  );
  await settle();
  assert.equal(writes.filter(({ done }) => done).length, STDIN_QUEUE_WRITES);
});

Deno.test("StdinQueue answers one write of any size when the child is behind by less than a queue", async () => {
  const queue = new StdinQueue(new FakeSink(false));
  const huge = watch(queue.write(new Uint8Array(STDIN_QUEUE_BYTES * 5), "huge"));
  const next = watch(queue.write(bytes("x"), "next"));
  await settle();
  assert.deepEqual([huge.done, next.done], [true, false]);
});

Deno.test("StdinQueue takes and drops everything once the child has closed its end", async () => {
  const sink = new FakeSink(false);
  const queue = new StdinQueue(sink);
  const writes = [1, 2, 3].map((id) => watch(queue.write(new Uint8Array(STDIN_QUEUE_BYTES), String(id))));
  await settle();
  sink.breakPipe();
  await settle();
  assert.deepEqual(writes.map(({ done }) => done), [true, true, true]);
  await queue.write(bytes("more"), "4");
  assert.deepEqual(sink.received, []);
  assert.equal(sink.closed, true);
});

Deno.test("StdinQueue drops everything when it is disposed of, and ends the write that is held up", async () => {
  const sink = new FakeSink(false);
  const queue = new StdinQueue(sink);
  const writes = [1, 2, 3].map((id) => watch(queue.write(new Uint8Array(STDIN_QUEUE_BYTES), String(id))));
  await settle();
  queue.dispose();
  await settle();
  assert.deepEqual(writes.map(({ done }) => done), [true, true, true]);
  assert.equal(sink.heldUp, 0);
  assert.equal(sink.closed, true);
});

Deno.test("StdinQueue drops what is written after the end was asked for", async () => {
  const sink = new FakeSink(false);
  const queue = new StdinQueue(sink);
  queue.write(bytes("before"), "1");
  queue.close();
  queue.close();
  await queue.write(bytes("after"), "2");
  sink.take();
  await settle();
  assert.equal(received(sink), "before");
  assert.equal(sink.closed, true);
});

Deno.test("whatever is written, and however slowly it is read, comes out the same", async () => {
  const writes = fc.array(fc.uint8Array({ maxLength: 1000, size: "max" }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(writes, fc.boolean(), async (writes, open) => {
      const sink = new FakeSink(open);
      const queue = new StdinQueue(sink);
      const answers = writes.map((bytes, id) => queue.write(bytes, String(id)));
      queue.close();
      await settle();
      for (; sink.heldUp > 0; await settle()) sink.take();
      await Promise.all(answers);
      assert.deepEqual(concat(sink.received), concat(writes));
      assert.equal(sink.closed, true);
    }),
    { seed: 3, numRuns: 40 },
  );
});

Deno.test("StdinQueue tells how many bytes wait, answered or not", async () => {
  const sink = new FakeSink(false);
  const queue = new StdinQueue(sink);
  for (const id of ["1", "2", "2"]) queue.write(new Uint8Array(STDIN_QUEUE_BYTES), id);
  assert.equal(queue.queuedBytes, STDIN_QUEUE_BYTES * 2);
  for (; sink.heldUp > 0; await settle()) sink.take();
  assert.equal(queue.queuedBytes, 0);
  queue.write(new Uint8Array(5), "3");
  queue.dispose();
  assert.equal(queue.queuedBytes, 0);
});

Deno.test("StdinQueue remembers long write ids as far as there is room for them, the newest ones", () => {
  const queue = new StdinQueue(new FakeSink(false));
  const ids = Array.from({ length: 9 }, (_, i) => `${i}`.padEnd(WRITE_ID_CHARS / 8));
  const takes = (id: string) => {
    const before = queue.queuedBytes;
    queue.write(new Uint8Array(1), id);
    return queue.queuedBytes > before;
  };
  assert.ok(ids.every(takes));
  assert.deepEqual([takes(ids[8]!), takes(ids[1]!), takes(ids[0]!)], [false, false, true]);
  queue.dispose();
});
