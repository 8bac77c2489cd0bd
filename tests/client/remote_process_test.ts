import assert from "node:assert/strict";
import fc from "fast-check";
import type { WireEvent } from "../../src/client/early_events.ts";
import { FollowedProcess } from "../../src/client/followed_process.ts";
import { RemoteProcess } from "../../src/client/remote_process.ts";
import { REORDER_EVENTS } from "../../src/limits.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { asProcessId } from "../../src/protocol/ids.ts";

function output(seq: number, size = 1): WireEvent {
  return { kind: "output", seq, stream: "stdout", bytes: new Uint8Array(size).fill(seq) };
}

/** A process as it is followed, as its reader sees it, and the bytes that this one has yet to take. */
function open(): { followed: FollowedProcess; process: RemoteProcess; queued: () => number } {
  const followed = new FollowedProcess(asProcessId("p"));
  const process = new RemoteProcess(followed.id, followed.log, { lossless: true });
  return { followed, process, queued: () => followed.log.backlogBytes };
}

/** An event without its place in the log. */
function plain(event: ProcessEvent | undefined): unknown {
  return event && Object.fromEntries(Object.entries(event).filter(([name]) => name !== "offset"));
}

async function drain(process: RemoteProcess): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of process) events.push(plain(event));
  return events;
}

/** The life of a process with so many outputs. */
function life(outputs: number): WireEvent[] {
  const events: WireEvent[] = Array.from({ length: outputs }, (_, i) => output(i + 1));
  events.push({ kind: "exited", seq: outputs + 1, exitCode: 0, sandboxDenied: true });
  events.push({ kind: "closed", seq: outputs + 2 });
  return events;
}

Deno.test("a remote process gives events in seq order and ends after closed", async () => {
  const { followed, process } = open();
  const events = life(3);
  for (const event of events) followed.push(event);
  assert.deepEqual(await drain(process), events);
});

Deno.test("a remote process puts in order what came in any order, and leaves doubles out", async () => {
  const orders = fc.integer({ min: 0, max: 20 }).chain((outputs) => {
    const events = life(outputs);
    return fc.tuple(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.array(fc.constantFrom(...events), { maxLength: 20 }),
      fc.constant(events),
    );
  });
  await fc.assert(
    fc.asyncProperty(orders, fc.nat(), async ([order, doubles, events], at) => {
      const { followed, process, queued } = open();
      const pushed = [...order];
      for (const double of doubles) pushed.splice(at % pushed.length, 0, double);
      for (const event of pushed) followed.push(event);
      assert.deepEqual(await drain(process), events);
      assert.equal(queued(), 0);
    }),
    { seed: 13, numRuns: 200 },
  );
});

Deno.test("a remote process gives nothing past a gap, and says how far it has come", async () => {
  const { followed, process } = open();
  followed.push(output(1));
  followed.push(output(3));
  assert.equal(process.lastSeq, 1);
  const events = process[Symbol.asyncIterator]();
  assert.deepEqual(plain((await events.next()).value), output(1));
  const next = events.next();
  followed.push(output(2));
  assert.deepEqual(plain((await next).value), output(2));
  assert.deepEqual(plain((await events.next()).value), output(3));
  assert.equal(process.lastSeq, 3);
});

Deno.test("a gap that stays while too many later events come fails it", async () => {
  const { followed, process } = open();
  followed.push(output(1));
  for (let seq = 3; seq < 3 + REORDER_EVENTS; seq++) followed.push(output(seq));
  followed.push(output(3 + REORDER_EVENTS));
  assert.deepEqual(await drain(process), [output(1), {
    kind: "failed",
    message: "process event reorder buffer exceeds 256 entries: event 2 is missing",
  }]);
});

Deno.test("a failure ends a remote process once, after what came before it", async () => {
  const { followed, process } = open();
  followed.push(output(1));
  followed.fail("lost");
  followed.fail("again");
  followed.push(output(2));
  assert.deepEqual(await drain(process), [output(1), { kind: "failed", message: "lost" }]);
});

Deno.test("nothing comes after closed, not even a failure or a later event", async () => {
  const { followed, process, queued } = open();
  followed.push(output(2));
  followed.push({ kind: "closed", seq: 1 });
  followed.push(output(3));
  followed.fail("lost");
  assert.deepEqual(await drain(process), [{ kind: "closed", seq: 1 }]);
  assert.equal(queued(), 0);
});

Deno.test("a remote process tells how many bytes its consumer has yet to take", async () => {
  const { followed, process, queued } = open();
  followed.push(output(1, 10));
  followed.push(output(3, 5));
  assert.equal(queued(), 10, "an early event is not the consumer's yet");
  followed.push(output(2, 1));
  assert.equal(queued(), 16);
  const events = process[Symbol.asyncIterator]();
  await events.next();
  assert.equal(queued(), 16, "the consumer is not done with it yet");
  await events.next();
  assert.equal(queued(), 6);
});

Deno.test("a consumer that leaves its loop holds nothing back", async () => {
  const { followed, process, queued } = open();
  followed.push(output(1, 10));
  followed.push(output(2, 10));
  for await (const _ of process) break;
  assert.equal(queued(), 0);
  followed.push(output(3, 10));
  assert.equal(queued(), 0);
});

Deno.test("what is held for the first reader is held no longer once somebody reads", async () => {
  const { followed, process, queued } = open();
  followed.push(output(1, 10));
  assert.equal(queued(), 10);
  const events = process.events({ lossless: true });
  await events.next();
  followed.push(output(2, 1));
  await events.next();
  assert.equal(queued(), 1);
});
