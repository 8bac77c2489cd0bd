import assert from "node:assert/strict";
import fc from "fast-check";
import { RETAINED_OUTPUT_BYTES, RETAINED_OUTPUT_CHUNKS } from "../../src/limits.ts";
import { LogCursor } from "../../src/log/log_cursor.ts";
import { OutputLog } from "../../src/log/output_log.ts";
import { PackedOutput } from "../../src/log/packed_output.ts";

const KiB = 1024;

/** A log of chunks of some sizes; every byte of a chunk is its seq modulo 256. */
function logOf(sizes: readonly number[]): OutputLog {
  const log = new OutputLog();
  for (const size of sizes) append(log, size);
  return log;
}

function append(log: OutputLog, size: number): void {
  log.appendOutput("stdout", new Uint8Array(size).fill(log.nextSeq));
}

function seqs(log: OutputLog, afterSeq = 0): number[] {
  return log.read({ afterSeq }).chunks.map(({ seq }) => seq);
}

Deno.test("OutputLog numbers events of all kinds from 1 without gaps", () => {
  const log = logOf([5, 6]);
  log.appendExited(3);
  append(log, 7);
  log.appendClosed();
  assert.deepEqual([1, 2, 3, 4, 5].map((seq) => log.at(seq)?.kind), [
    "output",
    "output",
    "exited",
    "output",
    "closed",
  ]);
  assert.deepEqual([1, 2, 3, 4, 5].map((seq) => log.at(seq)?.offset), [5, 11, 11, 18, 18]);
  assert.deepEqual([log.nextSeq, log.offset, log.exited?.seq, log.closed?.seq], [6, 18, 3, 5]);
});

Deno.test("OutputLog.at() knows no event before the first and after the last", () => {
  const log = logOf([1]);
  assert.deepEqual([log.at(0), log.at(2), log.at(-5), log.at(1e9)], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("OutputLog keeps the newest output up to its limit of bytes", () => {
  const log = logOf(Array(20).fill(64 * KiB));
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
  assert.equal(log.firstSeq, 5);
  assert.deepEqual(seqs(log), Array.from({ length: 16 }, (_, i) => i + 5));
  assert.equal(log.offset, 20 * 64 * KiB);
});

Deno.test("OutputLog keeps the newest output up to its limit of chunks", () => {
  const log = logOf(Array(RETAINED_OUTPUT_CHUNKS + 10).fill(1));
  assert.equal(log.firstSeq, 11);
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_CHUNKS);
});

Deno.test("OutputLog.at() finds nothing in the place of an evicted event", () => {
  const log = logOf(Array(40).fill(64 * KiB));
  for (let seq = 1; seq < log.firstSeq; seq++) assert.equal(log.at(seq), undefined, `seq ${seq}`);
  assert.equal(log.at(log.firstSeq)?.seq, log.firstSeq);
});

Deno.test("OutputLog evicts nothing that is held, and everything beyond the limit once it is not", () => {
  const log = new OutputLog();
  const hold = log.hold(2);
  for (let i = 0; i < 40; i++) append(log, 64 * KiB);
  assert.equal(log.firstSeq, 3);
  hold.advance(9);
  assert.equal(log.firstSeq, 10);
  hold.release();
  assert.equal(log.retainedBytes, RETAINED_OUTPUT_BYTES);
});

Deno.test("OutputLog never evicts a lifecycle event", () => {
  const log = logOf([10]);
  log.appendExited(7);
  for (let i = 0; i < 40; i++) append(log, 64 * KiB);
  assert.equal(log.at(2)?.kind, "exited");
  assert.equal(log.firstFrom(1)?.kind, "exited");
  assert.equal(log.firstFrom(2)?.kind, "exited");
  assert.equal(log.firstFrom(3)?.seq, log.firstSeq);
  log.appendClosed();
  assert.equal(log.firstFrom(log.nextSeq - 1)?.kind, "closed");
  assert.equal(log.firstFrom(log.nextSeq), undefined);
});

Deno.test("OutputLog.read() answers one chunk at least, and stops before one that would exceed maxBytes", () => {
  const log = logOf([4, 4, 4]);
  const read = (afterSeq: number, maxBytes: number) => {
    const { chunks, nextSeq } = log.read({ afterSeq, maxBytes });
    return [chunks.map(({ seq }) => seq), nextSeq];
  };
  assert.deepEqual(read(0, 0), [[1], 2]);
  assert.deepEqual(read(0, 4), [[1], 2]);
  assert.deepEqual(read(0, 7), [[1], 2]);
  assert.deepEqual(read(0, 8), [[1, 2], 3]);
  assert.deepEqual(read(1, 100), [[2, 3], 4]);
  assert.deepEqual(read(3, 100), [[], 4]);
  assert.deepEqual(read(Number.MAX_SAFE_INTEGER, 100), [[], 4]);
});

Deno.test("OutputLog.read() without maxBytes goes on from the next event of any kind", () => {
  const log = logOf([4]);
  log.appendExited(0);
  assert.equal(log.read().nextSeq, 3);
  assert.equal(log.read({ maxBytes: 100 }).nextSeq, 2);
  assert.equal(log.read({ afterSeq: 1, maxBytes: 100 }).nextSeq, 3);
});

Deno.test("OutputLog tells every listener of every event", () => {
  const log = new OutputLog();
  let told = 0;
  log.listeners.add(() => told++);
  append(log, 1);
  log.appendExited(0);
  log.appendClosed();
  assert.equal(told, 3);
});

Deno.test("OutputLog goes on past a listener that fails, whose error is not lost", async () => {
  const log = new OutputLog();
  const fault = new Error("a fault");
  const uncaught = new Promise((resolve) =>
    addEventListener("error", (event) => {
      event.preventDefault();
      resolve(event.error);
    }, { once: true })
  );
  log.listeners.add(() => {
    throw fault;
  });
  let told = 0;
  log.listeners.add(() => told++);
  append(log, 1);
  assert.equal(told, 1);
  assert.deepEqual(seqs(log), [1]);
  assert.equal(await uncaught, fault);
});

Deno.test("walking an OutputLog with nextSeq gives every retained byte once, whatever the chunks and steps", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 * KiB }), { maxLength: 60 });
  const steps = fc.array(fc.integer({ min: 0, max: 300 * KiB }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, steps, (sizes, steps) => {
      const log = logOf(sizes);
      const walked: number[] = [];
      let bytes = 0;
      for (let afterSeq = 0, step = 0;; step++) {
        const { chunks, nextSeq } = log.read({ afterSeq, maxBytes: steps[step % steps.length]! });
        if (chunks.length === 0) break;
        for (const chunk of chunks) {
          walked.push(chunk.seq);
          bytes += chunk.bytes.length;
          assert.ok(chunk.bytes.every((byte) => byte === chunk.seq % 256));
        }
        afterSeq = nextSeq - 1;
      }
      assert.deepEqual(walked, seqs(log));
      assert.equal(bytes, log.retainedBytes);
      assert.ok(bytes <= RETAINED_OUTPUT_BYTES);
    }),
    { seed: 1, numRuns: 100 },
  );
});

/** A closed log of lines that compress well, cut into chunks of some sizes, and two of stderr that do not. */
function closedLog(sizes: readonly number[]): OutputLog {
  const log = new OutputLog();
  for (const size of sizes) {
    const line = `line ${log.nextSeq} `;
    log.appendOutput("stdout", new TextEncoder().encode(line.repeat(size).slice(0, size)));
    log.appendOutput("stderr", crypto.getRandomValues(new Uint8Array(size % 50)));
  }
  log.appendExited(0);
  log.appendClosed();
  return log;
}

Deno.test("a packed OutputLog answers like one that is not", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 * KiB }), { minLength: 3, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(130), fc.nat(100 * KiB), async (sizes, afterSeq, maxBytes) => {
      const log = closedLog(sizes);
      const looks = [
        () => log.read({ afterSeq, maxBytes }),
        () => log.read(),
        () => log.at(afterSeq),
        () => log.firstFrom(afterSeq),
        () => [log.firstSeq, log.nextSeq, log.offset, log.retainedBytes, log.state],
      ];
      for (const look of looks) {
        const expected = look();
        await log.pack(PackedOutput.of);
        assert.deepEqual(look(), expected);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("OutputLog.pack() lets the bytes themselves go", async () => {
  const log = closedLog([200 * KiB]);
  const before = log.read().chunks[0]!;
  await log.pack(PackedOutput.of);
  const after = log.read().chunks[0]!;
  assert.notEqual(after.bytes.buffer, before.bytes.buffer);
  assert.deepEqual(after, before);
});

Deno.test("OutputLog.pack() leaves alone what is open, held, small or random", async () => {
  const isKept = async (log: OutputLog) => {
    const before = log.read().chunks[0]!;
    await log.pack(PackedOutput.of);
    return log.read().chunks[0]!.bytes.buffer === before.bytes.buffer;
  };
  const open = logOf([200 * KiB]);
  const held = closedLog([200 * KiB]);
  const hold = held.hold(0);
  const random = new OutputLog();
  random.appendOutput("stdout", crypto.getRandomValues(new Uint8Array(60 * KiB)));
  random.appendClosed();
  assert.deepEqual(await Promise.all([open, held, closedLog([KiB]), random].map(isKept)), [
    true,
    true,
    true,
    true,
  ]);
  hold.release();
  assert.equal(await isKept(held), false);
});

Deno.test("OutputLog.pack() compresses only once what saves nothing", async () => {
  const log = new OutputLog();
  log.appendOutput("stdout", crypto.getRandomValues(new Uint8Array(60 * KiB)));
  log.appendClosed();
  let tries = 0;
  const compress: typeof PackedOutput.of = (events) => {
    tries++;
    return PackedOutput.of(events);
  };
  for (let i = 0; i < 3; i++) await log.pack(compress);
  assert.equal(tries, 1);
});

Deno.test("a hold that is taken while an OutputLog is packed finds its bytes in place", async () => {
  const log = closedLog([200 * KiB]);
  const before = log.read().chunks[0]!;
  const packing = log.pack(PackedOutput.of);
  log.hold(0);
  await packing;
  assert.equal(log.read().chunks[0]!.bytes.buffer, before.bytes.buffer);
});

Deno.test("an OutputLog goes on from a snapshot as if nothing had been in between", () => {
  const log = logOf([5, ...Array(20).fill(64 * KiB)]);
  log.appendExited(3);
  append(log, 7);
  const next = new OutputLog(structuredClone(log.snapshot()));
  const facts = ({ nextSeq, firstSeq, offset, retainedBytes, exited, state }: OutputLog) => [
    [nextSeq, firstSeq, offset, retainedBytes],
    [exited, state],
  ];
  assert.deepEqual(facts(next), facts(log));
  for (const each of [log, next]) {
    append(each, 64 * KiB);
    each.appendClosed();
  }
  assert.deepEqual(facts(next), facts(log));
  assert.deepEqual(next.read(), log.read());
  assert.deepEqual(next.closed, log.closed);
  assert.deepEqual(new OutputLog(next.snapshot()).closed, next.closed);
});

Deno.test("an OutputLog that begins in the middle tells who wants more of a gap", async () => {
  const log = new OutputLog({ nextSeq: 11, offset: 500, events: [], exited: null });
  append(log, 3);
  log.appendClosed();
  const events = [];
  for await (const event of new LogCursor(log)) events.push(event);
  assert.deepEqual(events[0], { kind: "gap", fromSeq: 1, toSeq: 10 });
  assert.deepEqual(events.slice(1).map((event) => "offset" in event && [event.seq, event.offset]), [
    [11, 503],
    [12, 503],
  ]);
});

Deno.test("events that were skipped are a gap to whoever reads, and what is retained is found by its number", async () => {
  const log = new OutputLog();
  log.skipTo(5);
  const late = new LogCursor(log, { afterSeq: 4, lossless: true });
  append(log, 3);
  log.skipTo(1_000_000);
  append(log, 4);
  log.appendExited(0);
  log.skipTo(2_000_000);
  log.appendClosed();
  assert.deepEqual([log.firstSeq, log.nextSeq], [5, 2_000_001]);
  assert.deepEqual([5, 6, 1_000_000, 1_000_001].map((seq) => log.at(seq)?.kind), [
    "output",
    undefined,
    "output",
    "exited",
  ]);
  assert.deepEqual(seqs(log, 5), [1_000_000]);
  const told: string[] = [];
  for await (const event of late) told.push("seq" in event ? `${event.seq}` : event.kind);
  assert.deepEqual(told, ["5", "gap", "1000000", "1000001", "gap", "2000000"]);
  assert.equal(log.backlogBytes, 0);
});

Deno.test("output is read from the time on when it came", () => {
  const log = new OutputLog();
  for (const [i, atMs] of [5, 5, 9, 20].entries()) log.appendOutput("stdout", new Uint8Array([i]), atMs);
  const seqs = (sinceMs: number, afterSeq = 0) =>
    log.read({ sinceMs, afterSeq }).chunks.map(({ seq }) => seq);
  assert.deepEqual(seqs(0), [1, 2, 3, 4]);
  assert.deepEqual(seqs(5), [1, 2, 3, 4]);
  assert.deepEqual(seqs(6), [3, 4]);
  assert.deepEqual(seqs(6, 3), [4]);
  assert.deepEqual(seqs(21), []);
  assert.equal(log.read({ sinceMs: 21 }).nextSeq, 5);
});
