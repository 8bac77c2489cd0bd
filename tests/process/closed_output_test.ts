import assert from "node:assert/strict";
import { CLOSED_OUTPUT_BYTES, RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import { ClosedOutput } from "../../src/process/closed_output.ts";
import { ManagedProcess } from "../../src/process/managed_process.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { FakeChild } from "../support/fake_child.ts";

const most = CLOSED_OUTPUT_BYTES / RETAINED_OUTPUT_BYTES;

/** A closed process that keeps as much output as one may; all of it is confirmed unless told otherwise. */
function closed({ confirmed = true } = {}): ManagedProcess {
  const process = new ManagedProcess(asProcessId("p"), new FakeChild());
  const bytes = new Uint8Array(RETAINED_OUTPUT_BYTES / 4);
  for (let i = 0; i < 4; i++) process.log.appendOutput("stdout", bytes);
  process.log.appendExited(0);
  process.log.appendClosed();
  if (!confirmed) process.log.hold(0);
  return process;
}

function kept(processes: ManagedProcess[]): boolean[] {
  return processes.map(({ log }) => log.retainedBytes > 0);
}

Deno.test("closed processes keep their output until it is too much together; the first lose theirs", () => {
  const output = new ClosedOutput();
  const processes = Array.from({ length: most + 2 }, () => closed());
  for (const process of processes.slice(0, most)) output.add(process);
  assert.ok(kept(processes).every(Boolean));
  for (const process of processes.slice(most)) output.add(process);
  assert.deepEqual(kept(processes).slice(0, 3), [false, false, true]);
  assert.ok(kept(processes).slice(2).every(Boolean));
});

Deno.test("output that a client has not confirmed is kept, and others lose theirs in its place", () => {
  const output = new ClosedOutput();
  const processes = Array.from({ length: most + 1 }, (_, i) => closed({ confirmed: i > 0 }));
  for (const process of processes) output.add(process);
  assert.deepEqual(kept(processes).slice(0, 3), [true, false, true]);
});

Deno.test("what is forgotten counts no more", () => {
  const output = new ClosedOutput();
  const processes = Array.from({ length: most + 1 }, () => closed());
  for (const process of processes.slice(0, most)) output.add(process);
  processes[5]!.forget();
  output.add(processes[most]!);
  assert.ok(kept(processes).every(Boolean));
});

Deno.test("a process that lost its output tells of its end all the same", async () => {
  const process = closed();
  assert.equal(process.log.dropOutput(), true);
  assert.deepEqual(process.read({ waitMs: 1_000 }), {
    chunks: [],
    nextSeq: 7,
    exited: true,
    exitCode: 0,
    closed: true,
    failure: null,
  });
  await process.log.pack(() => Promise.reject(new Error("there is nothing to pack")).catch(() => undefined));
  for (const [seq, event] of [[1, "exited"], [5, "exited"], [6, "closed"], [7, undefined]] as const) {
    assert.equal(process.log.firstFrom(seq)?.kind, event);
  }
});

Deno.test("output that is dropped while it is compressed stays dropped", async () => {
  const process = closed();
  const packed = process.log.pack(() => {
    assert.equal(process.log.dropOutput(), true);
    return Promise.resolve({ count: 6, unpack: () => assert.fail() });
  });
  await packed;
  assert.deepEqual([process.log.retainedBytes, process.read()], [0, process.log.read()]);
});
