import assert from "node:assert/strict";
import { CLOSED_PROCESS_MS, PROCESSES_PER_SESSION } from "../../src/limits.ts";
import { ProcessRegistry } from "../../src/process/process_registry.ts";
import { ProcessTable, type StartOptions } from "../../src/process/process_table.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import type { ManagedProcess } from "../../src/process/managed_process.ts";
import { FakeChild, FakeSpawner } from "../support/fake_child.ts";
import { FakeTime } from "../support/fake_time.ts";

function setUp(environment: Record<string, string> = { PATH: "/bin:/usr/bin" }) {
  const spawner = new FakeSpawner();
  return { spawner, table: new ProcessTable(new ProcessRegistry(spawner, environment)) };
}

function start(id: string, rest: Partial<StartOptions> = {}): StartOptions {
  return {
    id: asProcessId(id),
    argv: ["sh", "-c", "true"],
    cwd: "/tmp",
    env: { PATH: "/bin:/usr/bin" },
    pipeStdin: false,
    ...rest,
  };
}

Deno.test("a program sees as its argv[0] what it was called, or what arg0 says", () => {
  const { spawner, table } = setUp();
  table.start(start("a"));
  table.start(start("b", { arg0: "other" }));
  table.start(start("c", { arg0: "" }));
  table.start(start("d", { argv: ["/bin/../bin/sh"] }));
  assert.deepEqual(spawner.requests.map(({ argv0 }) => argv0), ["sh", "other", "", "/bin/../bin/sh"]);
  assert.match(spawner.requests[0]!.program, /^\/(usr\/)?bin\/sh$/);
  assert.deepEqual(spawner.requests[0]!.args, ["-c", "true"]);
});

Deno.test("a name in use is refused, and whoever has it is not disturbed", () => {
  const { table } = setUp();
  const process = table.start(start("a")) as ManagedProcess;
  assert.throws(() => table.start(start("a")), { code: "REFUSED", message: "process a already exists" });
  assert.equal(table.get(process.id), process);
});

for (
  const [what, rest, code, message] of [
    ["an empty argv", { argv: [] }, "INVALID", "argv must not be empty"],
    ["an empty program", { argv: [""] }, "FAILED", "missing program for pipe spawn"],
    [
      "a missing program",
      { argv: ["no-such-program"] },
      "FAILED",
      'No such file or directory (os error 2): cannot run program "no-such-program"',
    ],
    [
      "a missing directory",
      { cwd: "/no/such/dir" },
      "FAILED",
      'No such file or directory (os error 2): cannot start in cwd "/no/such/dir"',
    ],
    [
      "a missing directory and a missing program",
      { cwd: "/no/such/dir", argv: ["no-such-program"] },
      "FAILED",
      'No such file or directory (os error 2): cannot start in cwd "/no/such/dir"',
    ],
    [
      "a file in the place of the directory",
      { cwd: "/etc/passwd" },
      "FAILED",
      'Not a directory (os error 20): cannot start in cwd "/etc/passwd"',
    ],
    ["a NUL in an argument", { argv: ["sh", "a\0b"] }, "FAILED", "NUL byte found in argv[1]"],
    ["a NUL in the program", { argv: ["s\0h"] }, "FAILED", "NUL byte found in argv[0]"],
    ["a NUL in arg0", { arg0: "\0" }, "FAILED", "NUL byte found in arg0"],
    ["a NUL in a value", { env: { A: "\0" } }, "FAILED", 'environment variable "A" cannot be passed on'],
    [
      "a NUL in a name",
      { env: { "A\0": "" } },
      "FAILED",
      'environment variable "A\\u0000" cannot be passed on',
    ],
  ] as const
) {
  Deno.test(`a start with ${what} says so and leaves nothing behind`, () => {
    const { spawner, table } = setUp();
    assert.throws(() => table.start(start("a", rest as Partial<StartOptions>)), { code, message });
    assert.equal(table.get(asProcessId("a")), undefined);
    assert.deepEqual([...table.values()], []);
    assert.equal(spawner.children.length, 0);
    table.start(start("a"));
  });
}

Deno.test("a closed process is known for a while and then forgotten, and its name is free", async () => {
  using time = new FakeTime();
  const { spawner, table } = setUp();
  const process = table.start(start("a")) as ManagedProcess;
  let disposed = 0;
  process.forgotten.add(() => disposed++);
  spawner.children[0]!.exits();
  await time.pass(CLOSED_PROCESS_MS * 2);
  assert.equal(table.get(process.id), process, "an exited process whose streams are open is not forgotten");
  spawner.children[0]!.endsStreams();
  await time.pass(CLOSED_PROCESS_MS - 1);
  assert.equal(table.get(process.id), process);
  await time.pass(1);
  assert.equal(table.get(process.id), undefined);
  assert.equal(disposed, 1);
  assert.equal(time.pending, 0);
  table.start(start("a"));
});

Deno.test("so many processes may run at once, and one more is refused", () => {
  const { table } = setUp();
  for (let i = 0; i < PROCESSES_PER_SESSION; i++) table.start(start(String(i)));
  assert.throws(() => table.start(start("more")), { code: "REFUSED", message: /at most 4096 processes/ });
  assert.equal(table.size, PROCESSES_PER_SESSION);
});

Deno.test("one process too many takes the place of the first that closed and whose client knows it", async () => {
  using time = new FakeTime();
  const { spawner, table } = setUp();
  const processes = Array.from(
    { length: PROCESSES_PER_SESSION },
    (_, i) => table.start(start(String(i))) as ManagedProcess,
  );
  const holds = processes.map(({ log }) => log.hold(0));
  for (const i of [3, 2, 1]) {
    spawner.children[i]!.exits();
    spawner.children[i]!.endsStreams();
    await time.settle();
  }
  assert.throws(
    () => table.start(start("more")),
    { code: "REFUSED" },
    "none of them is known to have closed",
  );
  for (const i of [1, 2]) holds[i]!.advance(2);
  let disposed = 0;
  processes[2]!.forgotten.add(() => disposed++);
  table.start(start("more"));
  assert.deepEqual([table.get(processes[2]!.id), disposed], [undefined, 1]);
  table.start(start("2"));
  assert.equal(table.get(processes[1]!.id), undefined);
  assert.throws(() => table.start(start("even more")), { code: "REFUSED" });
  assert.equal(table.get(processes[3]!.id), processes[3]);
  await time.pass(CLOSED_PROCESS_MS);
  assert.equal(table.get(processes[3]!.id), undefined);
  assert.equal(time.pending, 0);
});

Deno.test("a table that is disposed of kills everything, waits for it, and starts nothing more", async () => {
  using time = new FakeTime();
  const { spawner, table } = setUp();
  const running = table.start(start("running")) as ManagedProcess;
  table.start(start("closed"));
  spawner.children[1]!.exits();
  spawner.children[1]!.endsStreams();
  await time.settle();
  let disposed = false;
  const disposing = table.dispose().then(() => disposed = true);
  assert.throws(() => table.start(start("late")), { code: "REFUSED" });
  await time.settle();
  assert.equal(disposed, false);
  spawner.children[0]!.exits({ signal: "SIGKILL" });
  await time.pass(1_000);
  await disposing;
  assert.ok(running.log.closed);
  assert.deepEqual([...table.values()], []);
  assert.equal(time.pending, 0, "no timer is left");
});

Deno.test("a process that another program hands over goes on where it was, under its handle", async () => {
  const { spawner, table } = setUp();
  const before = table.start(start("a")) as ManagedProcess;
  spawner.children[0]!.stdout.give(new TextEncoder().encode("one"));
  while (before.log.nextSeq === 1) await new Promise((resolve) => setTimeout(resolve));
  const snapshot = before.snapshot();

  const after = setUp();
  const child = new FakeChild();
  const process = after.table.adopt(before.id, child, { snapshot });
  assert.deepEqual(
    [process.handle, process.startedAtMs, process.log.nextSeq],
    [before.handle, before.startedAtMs, 2],
  );
  assert.throws(() => after.table.start(start("a")), { code: "REFUSED" });
  child.stdout.give(new TextEncoder().encode("two"));
  child.endsStreams();
  child.exits({ code: 5 });
  await process.closed;
  const text = process.log.read().chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).join();
  assert.deepEqual([text, process.state.exitCode, process.log.nextSeq], ["one,two", 5, 5]);
});
