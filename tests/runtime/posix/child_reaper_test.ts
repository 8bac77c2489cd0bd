import assert from "node:assert/strict";
import { ppid } from "node:process";
import { ChildReaper, exitStatus } from "../../../src/runtime/posix/child_reaper.ts";
import { libc } from "./open_libc.ts";

Deno.test("exitStatus() tells a status from a signal, with or without a core dump", () => {
  assert.deepEqual(exitStatus(0x0000), { code: 0, signal: null });
  assert.deepEqual(exitStatus(0xff00), { code: 255, signal: null });
  assert.deepEqual(exitStatus(0x0006), { code: null, signal: "SIGABRT" });
  assert.deepEqual(exitStatus(0x008b), { code: null, signal: "SIGSEGV" });
  assert.deepEqual(exitStatus(40), { code: null, signal: "SIG40" });
});

Deno.test("the end of a child that somebody else reaps is unknown", async () => {
  // A process that is not our child looks to the system like a child that has been reaped.
  assert.deepEqual(await new ChildReaper(libc).watch(ppid), { code: null, signal: null });
});
