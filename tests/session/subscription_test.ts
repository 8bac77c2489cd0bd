import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CATCH_UP_MS,
  DETACHED_HOLD_MS,
  OUTPUT_CHUNK_BYTES,
  RETAINED_OUTPUT_BYTES,
  UNCONFIRMED_OUTPUT_BYTES,
  UNCONFIRMED_OUTPUT_CHUNKS,
  UNSENT_OUTPUT_BYTES,
} from "../../src/limits.ts";
import { Subscription } from "../../src/session/subscription.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { OutputLog } from "../../src/log/output_log.ts";
import { FakeTime } from "../support/fake_time.ts";

const windowChunks = UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES;

function attached(): { log: OutputLog; subscription: Subscription } {
  const log = new OutputLog();
  const subscription = new Subscription(asProcessId("p"), log);
  subscription.attach();
  return { log, subscription };
}

function append(log: OutputLog, count = 1, size = OUTPUT_CHUNK_BYTES): void {
  for (let i = 0; i < count; i++) log.appendOutput("stdout", new Uint8Array(size));
}

/** Sends everything there is. Returns the seqs. */
function sendAll(subscription: Subscription): number[] {
  const seqs: number[] = [];
  for (let event = subscription.next(); event; event = subscription.next()) {
    if (event.kind === "gap") throw new Error(`gap ${event.fromSeq} to ${event.toSeq}`);
    seqs.push(event.seq);
  }
  return seqs;
}

Deno.test("a subscription hands out every event of a new process, in order and once", () => {
  const { log, subscription } = attached();
  append(log, 2, 10);
  assert.deepEqual(sendAll(subscription), [1, 2]);
  log.appendExited(0);
  append(log, 1, 10);
  log.appendClosed();
  assert.deepEqual(sendAll(subscription), [3, 4, 5]);
  assert.deepEqual(sendAll(subscription), []);
});

Deno.test("a subscription tells of events only while a client is attached", () => {
  const log = new OutputLog();
  const subscription = new Subscription(asProcessId("p"), log);
  let told = 0;
  subscription.onAvailable = () => told++;
  append(log);
  assert.equal(told, 0);
  subscription.attach();
  append(log);
  assert.equal(told, 1);
  subscription.detach();
  append(log);
  assert.equal(told, 1);
  subscription.dispose();
});

Deno.test("a subscription is full after a window of unconfirmed bytes, however much was sent", () => {
  const { log, subscription } = attached();
  append(log, windowChunks - 1);
  sendAll(subscription);
  assert.equal(log.full, false);
  append(log);
  sendAll(subscription);
  assert.equal(log.full, true);
});

Deno.test("a subscription is full after a smaller window of unsent bytes, and sending makes room", () => {
  const { log, subscription } = attached();
  let room = 0;
  log.onFull = (full) => room += Number(!full);
  append(log, UNSENT_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES - 1);
  assert.equal(log.full, false);
  append(log);
  assert.equal(log.full, true);
  subscription.next();
  assert.equal(log.full, false);
  assert.equal(room, 1);
});

Deno.test("a subscription without a client counts what is unconfirmed only", () => {
  const { log, subscription } = attached();
  append(log, UNSENT_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  assert.equal(log.full, true);
  subscription.detach();
  assert.equal(log.full, false);
  subscription.dispose();
});

Deno.test("a subscription is full after a window of unconfirmed events too", () => {
  const { log } = attached();
  append(log, UNCONFIRMED_OUTPUT_CHUNKS - 1, 1);
  assert.equal(log.full, false);
  append(log, 1, 1);
  assert.equal(log.full, true);
});

Deno.test("a confirmation makes room, and says so once", () => {
  const { log, subscription } = attached();
  let room = 0;
  log.onFull = (full) => room += Number(!full);
  append(log, windowChunks + 1);
  sendAll(subscription);
  assert.equal(log.full, true);
  subscription.confirm(1);
  assert.equal(room, 0, "still a window full");
  subscription.confirm(2);
  assert.equal(room, 1);
  subscription.confirm(3);
  assert.equal(room, 1);
  subscription.confirm(1);
  assert.equal(log.full, false, "an older confirmation takes nothing back");
});

Deno.test("what is not confirmed is retained beyond the limit, what is confirmed is not", () => {
  const { log, subscription } = attached();
  append(log, windowChunks);
  sendAll(subscription);
  assert.equal(log.retainedBytes, UNCONFIRMED_OUTPUT_BYTES);
  subscription.confirm(windowChunks);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
});

Deno.test("a lost connection holds output for a while, then lets the child go on and old output go", async () => {
  using time = new FakeTime();
  const { log, subscription } = attached();
  let room = 0;
  log.onFull = (full) => room += Number(!full);
  append(log, windowChunks);
  assert.ok(log.full);
  subscription.detach();
  await time.pass(DETACHED_HOLD_MS - 1);
  assert.equal(log.full, true);
  assert.equal(log.firstSeq, 1);
  await time.pass(1);
  assert.equal(log.full, false);
  assert.equal(room, 1);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
  append(log, windowChunks * 3);
  assert.equal(log.full, false, "nobody is waited for");
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
});

Deno.test("a resumed client is given new events only, and what it missed is held until it has read it", () => {
  using time = new FakeTime();
  const { log, subscription } = attached();
  append(log, 4);
  sendAll(subscription);
  subscription.confirm(1);
  subscription.detach();
  append(log, 2);
  subscription.attach();
  assert.equal(subscription.missed, 6);
  append(log, 20);
  assert.equal(sendAll(subscription)[0], 7);
  subscription.confirm(26);
  assert.equal(log.firstSeq, 2, "confirmed pushes do not release what was missed");
  subscription.caughtUp();
  assert.equal(subscription.missed, 0);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
  assert.equal(log.firstSeq, 26 - 16 + 1);
  assert.equal(time.pending, 0);
});

Deno.test("a resumed client has some time to read what it missed", async () => {
  using time = new FakeTime();
  const { log, subscription } = attached();
  append(log, windowChunks);
  subscription.detach();
  subscription.attach();
  await time.pass(CATCH_UP_MS - 1);
  assert.equal(log.firstSeq, 1);
  assert.equal(log.full, true);
  await time.pass(1);
  assert.equal(subscription.missed, 0);
  assert.equal(log.full, false);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
});

Deno.test("a resumed client that reads on is waited for, however long it takes", async () => {
  using time = new FakeTime();
  const { log, subscription } = attached();
  append(log, windowChunks);
  subscription.detach();
  subscription.attach();
  for (let seq = 1; seq < windowChunks; seq++) {
    await time.pass(CATCH_UP_MS - 1);
    assert.equal(subscription.readTo(seq + 1), false);
  }
  assert.equal(subscription.readTo(windowChunks + 1), true);
  // What is left is the confirmation that the last answer has arrived.
  await time.pass(CATCH_UP_MS * 100);
  assert.equal(log.firstSeq, 1);
  subscription.caughtUp();
  assert.equal(subscription.readTo(windowChunks + 1), false);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
  subscription.dispose();
});

Deno.test("a client that was up to date when it was lost has nothing to catch up with", () => {
  const { log, subscription } = attached();
  append(log, 3);
  sendAll(subscription);
  subscription.confirm(3);
  subscription.detach();
  subscription.attach();
  assert.equal(subscription.missed, 0);
  subscription.dispose();
});

Deno.test("a client lost again before it caught up still finds everything", () => {
  const { log, subscription } = attached();
  append(log, 10);
  sendAll(subscription);
  subscription.detach();
  subscription.attach();
  append(log, 10);
  sendAll(subscription);
  subscription.confirm(20);
  subscription.detach();
  subscription.attach();
  assert.equal(subscription.missed, 20);
  assert.equal(log.read({ afterSeq: 0 }).chunks.length, 20);
  subscription.caughtUp();
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
  subscription.dispose();
});

Deno.test("a client that comes back after the hold finds what is retained, though the child goes on", async () => {
  using time = new FakeTime();
  const { log, subscription } = attached();
  subscription.detach();
  await time.pass(DETACHED_HOLD_MS);
  append(log, 40);
  assert.equal(log.firstSeq, 25);
  subscription.attach();
  append(log, 20);
  assert.equal(log.firstSeq, 25, "nothing more is evicted before it could be read");
  assert.equal(subscription.missed, 40);
  assert.equal(log.full, true);
  subscription.caughtUp();
  sendAll(subscription);
  assert.equal(log.full, false);
  subscription.dispose();
});

Deno.test("a subscription that was disposed of holds nothing, whatever is confirmed later", () => {
  const { log, subscription } = attached();
  let disposed = 0;
  subscription.onDisposed = () => disposed++;
  append(log, windowChunks);
  assert.ok(log.full);
  subscription.dispose();
  subscription.dispose();
  assert.equal(disposed, 1);
  subscription.confirm(5);
  append(log, 100);
  assert.equal(log.full, false);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
});

/**
 * A client behind a connection that may be cut at any moment. It knows what arrived; what was under way when the
 * connection was cut is lost.
 */
class ModelClient {
  readonly log = new OutputLog();
  readonly subscription = new Subscription(asProcessId("p"), this.log);
  readonly #received = new Set<number>();
  /** What is on its way, in order: a pushed seq, or the answer to a read. */
  #underWay: (number | { seqs: number[]; nextSeq: number })[] = [];
  /** What arrived and is not confirmed yet. */
  #arrived: (number | { nextSeq: number })[] = [];
  #connected = true;

  constructor() {
    this.subscription.attach();
  }

  append(size: number): void {
    if (!this.log.full) append(this.log, 1, size);
  }

  push(): void {
    const event = this.#connected && this.subscription.next();
    if (event && event.kind !== "gap") this.#underWay.push(event.seq);
  }

  arrive(): void {
    const item = this.#underWay.shift();
    if (item === undefined) return;
    if (typeof item === "number") this.#received.add(item);
    else for (const seq of item.seqs) this.#received.add(seq);
    this.#arrived.push(item);
  }

  confirm(): void {
    for (const item of this.#arrived.splice(0)) {
      if (typeof item === "number") this.subscription.confirm(item);
      else if (this.subscription.readTo(item.nextSeq)) this.subscription.caughtUp();
    }
  }

  read(maxBytes: number): void {
    if (!this.#connected) return;
    const slice = this.log.read({ afterSeq: this.#contiguous(), maxBytes });
    this.#underWay.push({ seqs: slice.chunks.map(({ seq }) => seq), nextSeq: slice.nextSeq });
  }

  cut(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#underWay = [];
    this.#arrived = [];
    this.subscription.detach();
  }

  resume(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.subscription.attach();
  }

  /** Nothing that the client lacks, and that is not on its way to it, may be gone. */
  check(): void {
    const readable = new Set(this.log.read().chunks.map(({ seq }) => seq));
    for (let seq = 1; seq < this.log.nextSeq; seq++) {
      assert.ok(this.#received.has(seq) || readable.has(seq), `event ${seq} is lost`);
    }
    assert.ok(this.log.retainedBytes <= UNCONFIRMED_OUTPUT_BYTES + RETAINED_OUTPUT_BYTES);
  }

  /** Takes everything there is. */
  finish(): void {
    this.cut();
    this.resume();
    this.read(Infinity);
    for (let more = true; more;) {
      this.push();
      more = this.#underWay.length > 0;
      this.arrive();
      this.confirm();
    }
    this.check();
    assert.equal(this.#received.size, this.log.nextSeq - 1);
  }

  #contiguous(): number {
    let seq = 0;
    while (this.#received.has(seq + 1)) seq++;
    return seq;
  }
}

Deno.test("no order of output, pushes, reads, confirmations and cuts loses an event", async () => {
  using _time = new FakeTime();
  const sizes = fc.constantFrom(1, 1000, OUTPUT_CHUNK_BYTES, OUTPUT_CHUNK_BYTES);
  const step = fc.oneof(
    { weight: 6, arbitrary: sizes.map((size) => ["append", size] as const) },
    { weight: 6, arbitrary: fc.constant(["push", 0] as const) },
    { weight: 5, arbitrary: fc.constant(["arrive", 0] as const) },
    { weight: 4, arbitrary: fc.constant(["confirm", 0] as const) },
    { weight: 1, arbitrary: fc.constant(["cut", 0] as const) },
    { weight: 2, arbitrary: fc.constant(["resume", 0] as const) },
    { weight: 1, arbitrary: fc.constantFrom(0, 300_000, Infinity).map((bytes) => ["read", bytes] as const) },
  );
  const steps = fc.array(fc.tuple(step, fc.integer({ min: 1, max: 40 })), { minLength: 40, maxLength: 150 });
  fc.assert(
    fc.property(steps, (steps) => {
      const client = new ModelClient();
      for (const [[action, size], times] of steps) {
        for (let i = 0; i < times; i++) client[action](size);
        client.check();
      }
      client.finish();
      client.subscription.dispose();
    }),
    { seed: 2, numRuns: 400 },
  );
  await Promise.resolve();
});
