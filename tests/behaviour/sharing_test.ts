/** Processes that several clients share: watched, typed into by somebody else, outliving who started them. */
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/protocol/base64.ts";
import { type MethodDefinition, methods } from "../../src/protocol/methods.ts";
import { covers, roles } from "../../src/protocol/roles.ts";
import { startParams } from "../support/client.ts";
import { isAlive, until } from "../support/proc.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire, type WireMessage } from "../support/wire.ts";

async function open(server: ServerProcess, clientName = "test"): Promise<Wire> {
  const wire = await Wire.open(server.url);
  await wire.initialize(undefined, clientName);
  return wire;
}

/** The only process of a server, as others see it. */
// deno-lint-ignore no-explicit-any
async function listed(wire: Wire): Promise<any> {
  const { processes } = await wire.request("process/listAll", {});
  assert.equal(processes.length, 1);
  return processes[0];
}

const named = (method: string, processId: string) => (message: WireMessage) =>
  message.method === method && message.params.processId === processId;

/** What a process writes from now on, until that ends with a text. */
async function outputUntil(wire: Wire, processId: string, end: string): Promise<string> {
  let text = "";
  while (!text.endsWith(end)) {
    const { params } = await wire.next(named("process/output", processId));
    text += new TextDecoder().decode(decodeBase64(params.chunk));
  }
  return text;
}

const script = (text: string) => ["sh", "-c", text];
const write = (wire: Wire, processId: string, text: string, writeId: string) =>
  wire.request("process/write", { processId, chunk: btoa(text), writeId });

Deno.test("whoever looks on is told everything that the owner is, from where it likes", async () => {
  await using server = await startServer();
  using owner = await open(server, "agent");
  using viewer = await open(server, "person");
  await owner.request(
    "process/start",
    startParams("p", script("echo one; read x; echo two; exit 3"), { pipeStdin: true }),
  );
  await outputUntil(owner, "p", "one\n");
  const { handle, ...facts } = await listed(viewer);
  assert.deepEqual([facts.processId, facts.owner, facts.argv0, facts.viewers], [
    "p",
    { client: "agent", attached: true },
    "sh",
    0,
  ]);
  const attached = await viewer.request("process/attach", { processId: "mine", handle });
  assert.deepEqual([attached.role, attached.nextSeq, attached.keyboard], ["view", 2, "owner"]);
  assert.equal(await outputUntil(viewer, "mine", "one\n"), "one\n");
  assert.equal((await listed(owner)).viewers, 1);
  await write(owner, "p", "\n", "1");
  assert.equal(await outputUntil(viewer, "mine", "two\n"), "two\n");
  assert.equal((await viewer.next(named("process/exited", "mine"))).params.exitCode, 3);
  await viewer.next(named("process/closed", "mine"));
  const read = await viewer.request("process/read", { processId: "mine" });
  assert.deepEqual([read.closed, read.exitCode, read.chunks.length], [true, 3, 2]);
  // A name is a client's own, and so is what it refuses.
  await assert.rejects(viewer.request("process/attach", { processId: "mine", handle }), /already exists/);
  await assert.rejects(
    viewer.request("process/attach", { processId: "other", handle: "none" }),
    /unknown process handle/,
  );
  for (const method of ["process/closeStdin", "process/terminate"]) {
    await assert.rejects(viewer.request(method, { processId: "mine" }), /take the keyboard/);
  }
});

Deno.test("who does not keep up is told of a gap, and nobody waits for it", async () => {
  await using server = await startServer();
  using owner = await open(server);
  using stalled = await open(server);
  const bytes = 40_000_000;
  await owner.request(
    "process/start",
    startParams("p", script(`read x; head -c ${bytes} /dev/zero`), { pipeStdin: true }),
  );
  const { handle } = await listed(stalled);
  await stalled.request("process/attach", { processId: "p", handle });
  stalled.pause();
  await write(owner, "p", "\n", "1");
  let received = 0;
  for (;;) {
    const { method, params } = await owner.next(({ method }) => method !== undefined);
    if (method === "process/output") received += decodeBase64(params.chunk).length;
    if (method === "process/closed") break;
  }
  assert.equal(received, bytes);
  stalled.resume();
  let next = 1;
  let gaps = 0;
  for (;;) {
    const { method, params } = await stalled.next(({ method }) => method?.startsWith("process/") === true);
    const from = method === "process/gap" ? params.fromSeq : params.seq;
    assert.equal(from, next, "nothing is left out without a word");
    gaps += Number(method === "process/gap");
    next = (params.toSeq ?? params.seq) + 1;
    if (method === "process/closed") break;
  }
  assert.ok(gaps > 0);
});

Deno.test("the keyboard is taken and given back, and the owner is told and not let down", async () => {
  await using server = await startServer();
  using owner = await open(server, "agent");
  using person = await open(server, "person");
  using third = await open(server, "third");
  await owner.request(
    "process/start",
    startParams("p", ["cat"], { tty: true, size: { rows: 10, cols: 40 } }),
  );
  const { handle } = await listed(person);
  for (const wire of [person, third]) {
    await wire.request("process/attach", { processId: "theirs", handle, role: "control" });
  }
  await assert.rejects(write(person, "theirs", "x", "1"), /take the keyboard/);
  const { holder } = await person.request("process/keyboard", {
    processId: "theirs",
    take: true,
    note: "let me",
  });
  assert.equal(holder, "you");
  assert.deepEqual((await owner.next(named("process/keyboard", "p"))).params, {
    processId: "p",
    holder: "viewer",
    client: "person",
    note: "let me",
  });
  assert.deepEqual(await write(owner, "p", "lost\n", "1"), { status: "starting", keyboard: "viewer" });
  await assert.rejects(
    third.request("process/keyboard", { processId: "theirs", take: true }),
    /another viewer has/,
  );
  await person.request("process/resize", { processId: "theirs", size: { rows: 20, cols: 80 } });
  assert.deepEqual((await third.next(named("process/resized", "theirs"))).params.size, {
    rows: 20,
    cols: 80,
  });
  await write(person, "theirs", "typed\n", "2");
  assert.match(await outputUntil(owner, "p", "typed\r\ntyped\r\n"), /^typed\r\ntyped\r\n$/);
  await person.request("process/keyboard", { processId: "theirs", take: false });
  assert.equal((await owner.next(named("process/keyboard", "p"))).params.holder, "you");
  assert.deepEqual((await third.next(named("process/resized", "theirs"))).params.size, {
    rows: 10,
    cols: 40,
  });
  assert.deepEqual(await write(owner, "p", "back\n", "3"), { status: "accepted" });
  await outputUntil(third, "theirs", "back\r\nback\r\n");
});

Deno.test("what the owner writes may wait until the keyboard is given back, and holds nothing else up", async () => {
  await using server = await startServer();
  using owner = await open(server);
  using person = await open(server);
  await owner.request("process/start", startParams("p", ["cat"], { pipeStdin: true }));
  const { handle } = await listed(person);
  await person.request("process/attach", { processId: "p", handle, role: "control" });
  await person.request("process/keyboard", { processId: "p", take: true, ownerInput: "hold" });
  const written = write(owner, "p", "later\n", "1");
  assert.equal((await owner.request("environment/status")).status, "ready");
  await write(person, "p", "first\n", "1");
  assert.equal(await outputUntil(owner, "p", "first\n"), "first\n");
  await person.request("process/keyboard", { processId: "p", take: false });
  assert.deepEqual(await written, { status: "accepted" });
  assert.equal(await outputUntil(owner, "p", "later\n"), "later\n");
});

Deno.test("who takes the keyboard and is lost for long gives it back", async () => {
  await using server = await startServer();
  using owner = await open(server);
  await owner.request("process/start", startParams("p", ["cat"], { pipeStdin: true }));
  const { handle } = await listed(owner);
  const person = await open(server);
  await person.request("process/attach", { processId: "p", handle, role: "control" });
  await person.request("process/keyboard", { processId: "p", take: true });
  assert.equal((await owner.next(named("process/keyboard", "p"))).params.holder, "viewer");
  person.cut();
  assert.equal((await owner.next(named("process/keyboard", "p"))).params.holder, "you");
});

Deno.test("a process of the server's lifetime outlives its client, under its name, and is adopted", async () => {
  await using server = await startServer();
  const first = await open(server);
  const params = startParams("p", script("echo $$; read x; echo $x"), {
    pipeStdin: true,
    name: "build",
    lifetime: "server",
  });
  await first.request("process/start", params);
  const pid = Number(await outputUntil(first, "p", "\n"));
  await assert.rejects(
    first.request("process/start", { ...params, processId: "q" }),
    /a process named build runs already/,
  );
  await first.request("process/detach", { processId: "p" });
  await assert.rejects(first.request("process/read", { processId: "p" }), /unknown process id/);
  first.cut();

  using second = await open(server);
  const { handle, name, owner, lifetime } = await listed(second);
  assert.deepEqual([name, owner, lifetime], ["build", null, "server"]);
  const adopted = await second.request("process/adopt", { processId: "mine", handle });
  assert.equal(adopted.role, "owner");
  await write(second, "mine", "hello\n", "1");
  assert.equal(await outputUntil(second, "mine", "hello\n"), `${pid}\nhello\n`);
  await second.next(named("process/closed", "mine"));
  await second.request("process/start", { ...params, processId: "again", lifetime: "session" });
  await assert.rejects(second.request("process/detach", { processId: "again" }), /ends with its session/);
});

Deno.test("processes of the server's lifetime end with it, and no others are left", async () => {
  const server = await startServer();
  const wire = await open(server);
  const pids: number[] = [];
  for (const [id, lifetime] of [["a", "server"], ["b", "session"]] as const) {
    await wire.request("process/start", startParams(id, script("echo $$; exec sleep 1000"), { lifetime }));
    pids.push(Number(await outputUntil(wire, id, "\n")));
  }
  await wire.request("process/detach", { processId: "a" });
  wire.cut();
  await server[Symbol.asyncDispose]();
  await until("both are gone", () => !pids.some(isAlive));
});

Deno.test("a token's role says what its holder may call, method by method", async () => {
  await using folder = new TempFolder();
  const tokens = Object.fromEntries(roles.map((role) => [role, `${role}-`.padEnd(40, "0")]));
  const file = await folder.write("tokens", roles.map((role) => `${tokens[role]} role=${role}`).join("\n"));
  await using server = await startServer({
    args: ["--ws-auth", "capability-token", "--ws-token-file", file],
  });
  for (const role of roles) {
    using wire = await Wire.open(server.url, { headers: { authorization: `Bearer ${tokens[role]}` } });
    await wire.initialize();
    for (const [method, definition] of Object.entries<MethodDefinition>(methods)) {
      if (definition.family === "handshake") continue;
      const needed = definition.role ?? "full";
      // What is allowed fails for other reasons: for its params, or because there is nothing of that name.
      const failure = await wire.request(method, {}).then(() => "", (error: Error) => error.message);
      const isRefused = failure.includes(`needs the role ${needed}`);
      assert.equal(isRefused, !covers(role, needed), `${method} for ${role}: ${failure}`);
    }
  }
  await assert.rejects(Wire.open(server.url, { headers: { authorization: "Bearer wrong" } }));
});
