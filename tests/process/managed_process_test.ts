import assert from "node:assert/strict";
import {
  FLOOD_CHUNK_BYTES,
  KILLED_OUTPUT_BYTES,
  KILLED_STREAM_MS,
  KILLED_TERMINAL_MS,
  OUTPUT_CHUNK_BYTES,
  UNCONFIRMED_OUTPUT_BYTES,
} from "../../src/limits.ts";
import { ManagedProcess } from "../../src/process/managed_process.ts";
import type { LogSlice } from "../../src/log/output_log.ts";
import type { LogEvent } from "../../src/log/process_event.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { FakeChild, FakeSink } from "../support/fake_child.ts";
import { FakeTime } from "../support/fake_time.ts";

function manage(child: FakeChild): ManagedProcess {
  return new ManagedProcess(asProcessId("p"), child);
}

/** A started process whose readers keep up. */
function attended(child = new FakeChild()): { child: FakeChild; process: ManagedProcess } {
  return { child, process: manage(child) };
}

function events({ log }: ManagedProcess): string[] {
  const all: LogEvent[] = [];
  for (let event = log.firstFrom(1); event; event = log.firstFrom(event.seq + 1)) all.push(event);
  return all.map((event) => event.kind === "output" ? event.stream : event.kind);
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("a process is closed when it has exited and both its streams have ended", async () => {
  const child = new FakeChild();
  const process = manage(child);
  child.stdout.give(new Uint8Array(3));
  await settle();
  child.exits({ code: 5 });
  await settle();
  assert.deepEqual(process.state, { hasExited: true, exitCode: 5, failureMessage: null });
  child.stderr.give(new Uint8Array(3));
  child.stderr.end();
  await settle();
  assert.deepEqual(events(process), ["stdout", "exited", "stderr"]);
  child.stdout.end();
  await process.closed;
  assert.deepEqual(events(process), ["stdout", "exited", "stderr", "closed"]);
});

Deno.test("streams that end do not make an exit", async () => {
  const child = new FakeChild();
  const process = manage(child);
  child.endsStreams();
  await settle();
  assert.deepEqual(events(process), []);
  assert.deepEqual(process.state, { hasExited: false, exitCode: null, failureMessage: null });
  child.exits();
  await process.closed;
  assert.deepEqual(events(process), ["exited", "closed"]);
});

for (
  const [status, code] of [
    [{ code: 0 }, 0],
    [{ code: 255 }, 255],
    [{ signal: "SIGKILL" }, 137],
    [{ signal: "SIGTERM" }, 143],
    [{ signal: "SIGINT" }, 130],
    [{ signal: "SIGWHATEVER" }, -1],
    [{}, -1],
  ] as const
) {
  Deno.test(`an end by ${JSON.stringify(status)} is exit code ${code}`, async () => {
    const child = new FakeChild();
    const process = manage(child);
    child.exits({ code: null, ...status });
    child.endsStreams();
    await process.closed;
    assert.equal(process.state.exitCode, code);
  });
}

Deno.test("output is cut into events of a bounded size", async () => {
  const { child, process } = attended();
  child.stdout.give(new Uint8Array(OUTPUT_CHUNK_BYTES * 2 + 1));
  await settle();
  assert.deepEqual(process.log.read().chunks.map(({ bytes }) => bytes.length), [
    OUTPUT_CHUNK_BYTES,
    OUTPUT_CHUNK_BYTES,
    1,
  ]);
});

Deno.test("a child is not read while a window of its output is unconfirmed, and read on afterwards", async () => {
  const child = new FakeChild();
  const process = manage(child);
  const hold = process.log.hold(0);
  child.stdout.give(new Uint8Array(UNCONFIRMED_OUTPUT_BYTES * 2));
  child.stderr.give(new Uint8Array(OUTPUT_CHUNK_BYTES));
  await settle();
  const bound = UNCONFIRMED_OUTPUT_BYTES + 2 * FLOOD_CHUNK_BYTES;
  assert.ok(
    process.log.offset >= UNCONFIRMED_OUTPUT_BYTES && process.log.offset <= bound,
    `${process.log.offset}`,
  );
  const taken = child.stdout.taken;
  hold.advance(10);
  await settle();
  assert.ok(child.stdout.taken > taken);
  for (let i = 0; i < 5; i++) {
    hold.advance(process.log.nextSeq - 1);
    await settle();
  }
  assert.equal(process.log.offset, UNCONFIRMED_OUTPUT_BYTES * 2 + OUTPUT_CHUNK_BYTES);
});

/** A read that is made to wait. */
async function waiting(read: LogSlice | Promise<LogSlice>): Promise<{ slice?: LogSlice }> {
  assert.ok(read instanceof Promise, "the read waits");
  const state: { slice?: LogSlice } = {};
  read.then((slice) => state.slice = slice);
  await settle();
  return state;
}

Deno.test("a read answers at once where there is something to tell, or nothing is to be waited for", () => {
  const process = manage(new FakeChild());
  const nothing = { chunks: [], nextSeq: 1, exited: false, exitCode: null, closed: false, failure: null };
  assert.deepEqual(process.read(), nothing);
  assert.deepEqual(process.read({ waitMs: 0 }), nothing);
  process.log.appendOutput("stdout", new Uint8Array(1));
  const slice = process.read({ waitMs: 1000 });
  assert.ok(!(slice instanceof Promise) && slice.chunks.length === 1);
});

Deno.test("a read that waits is woken by output after what it has seen", async () => {
  const process = manage(new FakeChild());
  process.log.appendOutput("stdout", new Uint8Array(1));
  const read = await waiting(process.read({ afterSeq: 2, waitMs: 10_000 }));
  process.log.appendOutput("stdout", new Uint8Array(1));
  await settle();
  assert.deepEqual(read, {});
  process.log.appendOutput("stdout", new Uint8Array(1));
  await settle();
  assert.deepEqual(read.slice?.chunks.map(({ seq }) => seq), [3]);
});

Deno.test("a read that waits is woken by the exit it has not seen, and by the close it has", async () => {
  const process = manage(new FakeChild());
  const unseen = await waiting(process.read({ waitMs: 10_000 }));
  const seen = await waiting(process.read({ afterSeq: 1, waitMs: 10_000 }));
  process.log.appendExited(0);
  await settle();
  const exited = { chunks: [], nextSeq: 2, exited: true, exitCode: 0, closed: false, failure: null };
  assert.deepEqual(unseen.slice, exited);
  assert.equal(seen.slice, undefined);
  process.log.appendClosed();
  await settle();
  assert.deepEqual(seen.slice, { ...exited, nextSeq: 3, closed: true });
});

Deno.test("a read that waits comes back empty after its time, and at once when it is given up", async () => {
  using time = new FakeTime();
  const process = manage(new FakeChild());
  const gone = new AbortController();
  const results: string[] = [];
  (process.read({ waitMs: 500 }) as Promise<LogSlice>).then(() => results.push("time"));
  (process.read({ waitMs: 10_000, signal: gone.signal }) as Promise<LogSlice>).then(() =>
    results.push("given up")
  );
  await time.pass(499);
  assert.deepEqual(results, []);
  await time.pass(1);
  assert.deepEqual(results, ["time"]);
  gone.abort();
  await time.settle();
  assert.deepEqual(results, ["time", "given up"]);
  assert.equal(time.pending, 0);
  assert.equal(process.log.listeners.size, 0, "nothing is left behind");
});

Deno.test("a killed process closes soon though a stranger keeps its streams", async () => {
  using time = new FakeTime();
  const { child, process } = attended();
  assert.equal(process.terminate(), true);
  child.exits({ signal: "SIGKILL" });
  await time.pass(KILLED_STREAM_MS * 2);
  assert.deepEqual(events(process), ["exited", "closed"]);
  assert.equal(process.terminate(), false);
});

Deno.test("a killed process's last output arrives before it is given up", async () => {
  using time = new FakeTime();
  const { child, process } = attended();
  child.stdout.give(new Uint8Array(OUTPUT_CHUNK_BYTES * 8));
  process.terminate();
  child.exits({ signal: "SIGKILL" });
  await time.pass(KILLED_STREAM_MS * 2);
  assert.equal(process.log.offset, OUTPUT_CHUNK_BYTES * 8);
  assert.equal(events(process).at(-1), "closed");
});

Deno.test("a killed process closes though a stranger floods its streams", async () => {
  using time = new FakeTime();
  const { child, process } = attended();
  process.terminate();
  child.exits({ signal: "SIGKILL" });
  const step = KILLED_STREAM_MS / 5;
  for (let ms = 0; ms < 10_000 && !process.log.closed; ms += step) {
    child.stdout.give(new Uint8Array(OUTPUT_CHUNK_BYTES));
    await time.pass(step);
  }
  assert.ok(process.log.closed);
  assert.ok(process.log.offset < KILLED_OUTPUT_BYTES * 2);
});

Deno.test("a killed process closes though a stranger writes a little now and then", async () => {
  using time = new FakeTime();
  const { child, process } = attended();
  process.terminate();
  child.exits({ signal: "SIGKILL" });
  const step = KILLED_STREAM_MS / 5;
  for (let ms = 0; ms < KILLED_TERMINAL_MS * 2 && !process.log.closed; ms += step) {
    child.stdout.give(new Uint8Array(1));
    await time.pass(step);
  }
  assert.ok(process.log.closed);
});

Deno.test("a killed process waits for a client that is behind before its streams are given up", async () => {
  using time = new FakeTime();
  const child = new FakeChild();
  const process = manage(child);
  const hold = process.log.hold(0);
  child.stdout.give(new Uint8Array(UNCONFIRMED_OUTPUT_BYTES + OUTPUT_CHUNK_BYTES));
  await time.settle();
  process.terminate();
  child.exits({ signal: "SIGKILL" });
  await time.pass(KILLED_STREAM_MS * 100);
  assert.equal(process.log.closed, undefined);
  hold.advance(process.log.nextSeq - 2);
  await time.pass(KILLED_STREAM_MS * 2);
  assert.ok(process.log.closed);
  assert.equal(process.log.offset, UNCONFIRMED_OUTPUT_BYTES + OUTPUT_CHUNK_BYTES);
});

Deno.test("a process without stdin takes no writes and has none to close", async () => {
  const process = manage(new FakeChild());
  assert.equal(await process.write(new Uint8Array(1), "1"), false);
  assert.equal(process.closeStdin(), false);
});

Deno.test("a closed process frees its stdin and takes what is written", async () => {
  const sink = new FakeSink(false);
  const child = new FakeChild(sink);
  const process = manage(child);
  const held = process.write(new Uint8Array(10_000_000), "1");
  const next = process.write(new Uint8Array(10_000_000), "2");
  child.exits();
  child.endsStreams();
  await process.closed;
  assert.equal(sink.closed, true);
  assert.deepEqual([await held, await next, await process.write(new Uint8Array(1), "3")], [true, true, true]);
});
