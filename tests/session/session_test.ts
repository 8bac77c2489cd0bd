import assert from "node:assert/strict";
import { DETACHED_SESSION_MS, PROCESSES_PER_SESSION, SESSIONS } from "../../src/limits.ts";
import { ProcessRegistry } from "../../src/process/process_registry.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { Logger } from "../../src/observe/logger.ts";
import type { Session } from "../../src/session/session.ts";
import { SessionRegistry } from "../../src/session/session_registry.ts";
import type { ManagedProcess } from "../../src/process/managed_process.ts";
import { FakeSpawner } from "../support/fake_child.ts";
import { FakeTime } from "../support/fake_time.ts";

/** Who holds a session where it does not matter. */
const nobody = { probe() {} };

function setUp() {
  const spawner = new FakeSpawner();
  const logger = new Logger({ level: "off", format: "text", write: () => {} });
  const processes = new ProcessRegistry(spawner, {});
  const registry = new SessionRegistry(processes, logger);
  return { spawner, registry, processes };
}

const sh = { id: asProcessId("p"), argv: ["/bin/sh"], cwd: "/", env: {}, pipeStdin: false };

Deno.test("a session has a UUID and processes of its own", () => {
  const { registry } = setUp();
  const [a, b] = [registry.create(nobody), registry.create(nobody)];
  assert.match(a.id, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  assert.notEqual(a.id, b.id);
  a.processes.start(sh);
  b.processes.start(sh);
  assert.notEqual(a.processes.get(sh.id), b.processes.get(sh.id));
});

Deno.test("a session is held by one connection, and may be resumed once that is lost", () => {
  const { registry } = setUp();
  const session = registry.create(nobody);
  const attached = {
    code: -32010,
    message: `session ${session.id} is already attached to another connection`,
  };
  assert.throws(() => registry.resume(session.id, nobody), attached);
  registry.detach(session);
  assert.equal(registry.resume(session.id, nobody), session);
  assert.throws(() => registry.resume(session.id, nobody), attached);
});

Deno.test("an unknown session cannot be resumed", () => {
  const { registry } = setUp();
  assert.throws(() => registry.resume("nope", nobody), { code: -32600, message: "unknown session id nope" });
});

Deno.test("a detached session expires after its time, and its processes are killed", async () => {
  using time = new FakeTime();
  const { spawner, registry } = setUp();
  const session = registry.create(nobody);
  const process = session.processes.start(sh) as ManagedProcess;
  registry.detach(session);
  await time.pass(DETACHED_SESSION_MS - 1);
  assert.ok(session.processes.get(sh.id));
  await time.pass(1);
  assert.throws(() => registry.resume(session.id, nobody), { code: -32600 });
  spawner.children[0]!.exits({ signal: "SIGKILL" });
  await time.pass(1_000);
  assert.ok(process.log.closed);
  assert.equal(session.processes.get(sh.id), undefined);
  assert.equal(time.pending, 0);
});

Deno.test("the members of many sessions' processes are looked for together", async () => {
  using time = new FakeTime();
  const { registry, spawner, processes } = setUp();
  let looks = 0;
  spawner.processes = { pids: () => (looks++, []), sessionOf: () => undefined };
  for (let i = 0; i < 30; i++) registry.create(nobody).processes.start(sh);
  assert.equal([...processes.values()].length, 30);
  const disposed = registry.dispose();
  for (const child of spawner.children) child.exits({ signal: "SIGKILL" });
  await time.pass(1_000);
  await disposed;
  assert.equal(looks, 1);
  assert.equal([...processes.values()].length, 0);
});

Deno.test("a process that nobody has room for stays whose it is", () => {
  using _time = new FakeTime();
  const { registry, processes } = setUp();
  const start = (session: Session, id: string) =>
    session.start({ ...sh, id: asProcessId(id), lifetime: "server" }) as ManagedProcess;
  const [full, one] = [registry.create(nobody), registry.create(nobody)];
  for (let i = 0; i < PROCESSES_PER_SESSION; i++) {
    start(full, `${i}`);
    registry.leave(full, asProcessId(`${i}`));
  }
  const process = start(one, "p");
  assert.throws(() => registry.leave(one, process.id), /at most 4096 processes/);
  assert.equal(one.find(process.id)?.process, process);

  for (let i = 0; i < PROCESSES_PER_SESSION; i++) start(full, `own ${i}`);
  const [left] = [...registry.processes()].filter(({ owner }) => owner === undefined);
  const id = left!.process.id;
  assert.throws(() => registry.adopt(full, asProcessId("more"), left!.process, {}), /at most 4096 processes/);
  assert.equal(left!.process.id, id);
  assert.ok([...registry.processes()].some(({ process, owner }) => process === left!.process && !owner));
  assert.equal([...processes.values()].length, 2 * PROCESSES_PER_SESSION + 1);
  const adopted = registry.adopt(one, asProcessId("mine"), left!.process, {});
  assert.deepEqual([adopted.role, one.find(asProcessId("mine"))], ["owner", adopted]);
  assert.ok(![...registry.processes()].some(({ process, owner }) => process === left!.process && !owner));
});

Deno.test("what cannot be killed when a session expires is logged, and fails nothing", async () => {
  using time = new FakeTime();
  const lines: string[] = [];
  const logger = new Logger({ level: "error", format: "text", write: (line) => void lines.push(line) });
  class Stubborn extends ProcessRegistry {
    override kill(): Promise<never> {
      return Promise.reject(new Error("kill EPERM"));
    }
  }
  const registry = new SessionRegistry(new Stubborn(new FakeSpawner(), {}), logger);
  registry.detach(registry.create(nobody));
  await time.pass(DETACHED_SESSION_MS);
  assert.match(lines.join(""), /ERROR processes left behind session=\S+ reason=.*kill EPERM/);
  registry.create(nobody);
  await registry.dispose();
});

Deno.test("resuming a session starts its time anew", async () => {
  using time = new FakeTime();
  const { registry } = setUp();
  const session = registry.create(nobody);
  for (let i = 0; i < 3; i++) {
    registry.detach(session);
    await time.pass(DETACHED_SESSION_MS - 1);
    assert.equal(registry.resume(session.id, nobody), session);
  }
  await time.pass(DETACHED_SESSION_MS * 2);
  assert.throws(
    () => registry.resume(session.id, nobody),
    { code: -32010 },
    "an attached session never expires",
  );
});

Deno.test("a detached session gives way to one too many: first without processes, then with closed ones", async () => {
  using time = new FakeTime();
  const { registry, spawner } = setUp();
  const sessions = Array.from({ length: SESSIONS }, () => registry.create(nobody));
  const [running, closed, empty, later] = sessions;
  for (const session of [running!, closed!]) {
    session.processes.start(sh);
  }
  spawner.children[1]!.exits();
  spawner.children[1]!.endsStreams();
  await time.settle();
  for (const session of [running!, closed!, empty!, later!]) registry.detach(session);
  for (const gone of [empty!, later!, closed!]) {
    sessions.push(registry.create(nobody));
    await time.settle();
    assert.throws(() => registry.resume(gone.id, nobody), { code: -32600 });
  }
  assert.throws(() => registry.create(nobody), { code: -32600, message: /at most 2000 sessions/ });
  assert.equal(registry.resume(running!.id, nobody), running);
  spawner.children[0]!.exits();
  spawner.children[0]!.endsStreams();
  await Promise.all([registry.dispose(), time.pass(1_000)]);
  assert.equal(time.pending, 0);
});

Deno.test("so many sessions may be attached, and one more is refused until one has ended", async () => {
  const { registry } = setUp();
  const sessions = Array.from({ length: SESSIONS }, () => registry.create(nobody));
  assert.throws(() => registry.create(nobody), { code: -32600, message: /at most 2000 sessions/ });
  await registry.remove(sessions[0]!);
  registry.create(nobody);
});

Deno.test("a registry that is disposed of ends every session and begins none", async () => {
  using time = new FakeTime();
  const { spawner, registry } = setUp();
  const [attached, detached] = [registry.create(nobody), registry.create(nobody)];
  registry.detach(detached);
  for (const { processes } of [attached, detached]) processes.start(sh);
  let disposed = false;
  const disposing = registry.dispose().then(() => disposed = true);
  assert.throws(() => registry.create(nobody), { code: -32600 });
  assert.throws(() => attached.processes.start({ ...sh, id: asProcessId("late") }), { code: "REFUSED" });
  spawner.children[0]!.exits({ signal: "SIGKILL" });
  await time.pass(1_000);
  assert.equal(disposed, false, "it waits for every process");
  spawner.children[1]!.exits({ signal: "SIGKILL" });
  await time.pass(1_000);
  await disposing;
  registry.detach(attached);
  assert.equal(time.pending, 0, "a connection that ends afterwards starts no timer");
});

Deno.test("the holder of a session is asked for a sign of life when somebody else wants it", () => {
  const { registry } = setUp();
  let probes = 0;
  const session = registry.create({ probe: () => probes++ });
  assert.throws(() => registry.resume(session.id, nobody), { code: -32010 });
  assert.equal(probes, 1);
});
