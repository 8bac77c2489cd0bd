import assert from "node:assert/strict";
import { startParams, textOf } from "../support/client.ts";
import { isAlive, until } from "../support/proc.ts";
import { ProcessRecord } from "../support/process_record.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { opcodes, Wire } from "../support/wire.ts";

let server: ServerProcess;

Deno.test.beforeAll(async () => {
  server = await startServer();
});

Deno.test.afterAll(async () => {
  await server.stop();
});

/** Takes a session up again; the server may see the end of the old connection only a moment later. */
async function resume(session: string, record?: ProcessRecord): Promise<Wire> {
  const wire = await Wire.open(server.url);
  if (record) wire.onNotification = (message) => record.push(message);
  for (;;) {
    try {
      assert.equal(await wire.initialize(session), session);
      return wire;
    } catch (error) {
      assert.equal((error as { code?: number }).code, -32010);
    }
  }
}

async function catchUp(wire: Wire, record: ProcessRecord): Promise<void> {
  const afterSeq = record.lastSeq;
  record.merge(
    await wire.request("process/read", { processId: record.processId, afterSeq, waitMs: 0 }),
    afterSeq,
  );
}

Deno.test("a session goes on without its connection, and a resumed one finds everything", async () => {
  const record = new ProcessRecord("goes-on");
  const first = await Wire.open(server.url);
  first.onNotification = (message) => record.push(message);
  const session = await first.initialize();
  const script = "echo before; read line; echo during; read line; echo after; exit 5";
  await first.request(
    "process/start",
    startParams(record.processId, ["sh", "-c", script], { pipeStdin: true }),
  );
  await until("the first line is there", () => record.received > 0);
  const { processId } = record;
  void first.request("process/write", { processId, chunk: btoa("\n"), writeId: "1" });
  first.cut();

  using second = await resume(session, record);
  await second.request("process/write", { processId, chunk: btoa("\n"), writeId: "1" });
  await catchUp(second, record);
  await second.request("process/write", { processId, chunk: btoa("\n"), writeId: "2" });
  await record.complete;
  assert.equal(textOf(record.bytes("stdout")), "before\nduring\nafter\n");
  assert.equal(record.exitCode, 5);
});

Deno.test("a resumed client learns by reading what it missed, exit and close included", async () => {
  const first = await Wire.open(server.url);
  const session = await first.initialize();
  await first.request("process/start", startParams("missed", ["sh", "-c", "sleep 0.1; echo missed; exit 3"]));
  const { processes } = await first.request("process/list");
  first.cut();
  await until("the child has ended", () => !isAlive(processes[0].pid));
  const second = await resume(session);
  let answer = await second.request("process/read", { processId: "missed", waitMs: 0 });
  // The server itself may hear of the end a moment later.
  while (!answer.closed) answer = await second.request("process/read", { processId: "missed", waitMs: 0 });
  const { chunks, ...rest } = answer;
  assert.deepEqual(chunks.map(({ chunk }: { chunk: string }) => atob(chunk)).join(""), "missed\n");
  assert.deepEqual(rest, {
    nextSeq: 4,
    exited: true,
    exitCode: 3,
    closed: true,
    failure: null,
    sandboxDenied: false,
  });
  second.cut();
});

Deno.test("nothing that was pushed before is pushed again", async () => {
  const first = await Wire.open(server.url);
  const session = await first.initialize();
  await first.request(
    "process/start",
    startParams("once", ["sh", "-c", "echo 1; read line; echo 2"], { pipeStdin: true }),
  );
  await first.next(({ method }) => method === "process/output");
  first.cut();
  const second = await resume(session);
  await second.request("process/write", { processId: "once", chunk: btoa("\n"), writeId: "1" });
  const pushed = await second.next();
  assert.deepEqual([pushed.method, pushed.params.seq, atob(pushed.params.chunk)], [
    "process/output",
    2,
    "2\n",
  ]);
  second.cut();
});

Deno.test("a session has one connection at a time, and its holder is not disturbed", async () => {
  using holder = await Wire.open(server.url);
  const session = await holder.initialize();
  await holder.request(
    "process/start",
    startParams("held", ["sh", "-c", "read line; echo $line"], { pipeStdin: true }),
  );
  using other = await Wire.open(server.url);
  const attached = { code: -32010, message: `session ${session} is already attached to another connection` };
  await assert.rejects(other.initialize(session), attached);
  await assert.rejects(other.initialize(session), attached, "and may try again");
  await holder.request("process/write", { processId: "held", chunk: btoa("still here\n"), writeId: "1" });
  const { params } = await holder.next(({ method }) => method === "process/output");
  assert.equal(atob(params.chunk), "still here\n");
  holder.cut();
  for (;;) {
    const error = await other.initialize(session).then(() => undefined, (error) => error);
    if (!error) break;
    assert.equal(error.code, -32010);
  }
  assert.equal((await other.request("process/list")).processes[0].processId, "held");
});

Deno.test("a session is let go by a close frame at once, though its connection stays open", async () => {
  using first = await Wire.open(server.url, { obeysClose: false });
  const session = await first.initialize();
  const answered = new Promise<void>((resolve) => {
    first.onFrame = ({ opcode }) => opcode === opcodes.close && resolve();
  });
  await first.sendFrame(new Uint8Array([3, 232]), { opcode: opcodes.close });
  await answered;
  using second = await Wire.open(server.url);
  assert.equal(await second.initialize(session), session);
});

Deno.test("a session is let go at once by what ends its connection from the server's side", async () => {
  using first = await Wire.open(server.url, { obeysClose: false });
  const session = await first.initialize();
  const told = new Promise<void>((resolve) => {
    first.onFrame = ({ opcode }) => opcode === opcodes.close && resolve();
  });
  await first.send({ method: "no such notification" });
  await told;
  using second = await Wire.open(server.url);
  assert.equal(await second.initialize(session), session);
});

Deno.test("an unknown session is refused, and the connection may begin a new one", async () => {
  using wire = await Wire.open(server.url);
  for (const id of ["nope", "", "00000000-0000-4000-8000-000000000000", "__proto__"]) {
    await assert.rejects(wire.initialize(id), { code: -32600, message: `unknown session id ${id}` });
  }
  assert.match(await wire.initialize(), /^[0-9a-f-]{36}$/);
});

Deno.test("a session's processes are its own", async () => {
  using a = await Wire.open(server.url);
  using b = await Wire.open(server.url);
  await Promise.all([a.initialize(), b.initialize()]);
  await a.request("process/start", startParams("same", ["sleep", "100"]));
  await b.request("process/start", startParams("same", ["sleep", "100"]));
  await assert.rejects(b.request("process/start", startParams("same", ["true"])), { code: -32600 });
  const pids = await Promise.all(
    [a, b].map(async (wire) => (await wire.request("process/list")).processes[0].pid),
  );
  assert.notEqual(pids[0], pids[1]);
  assert.deepEqual(await a.request("process/terminate", { processId: "same" }), { running: true });
  await a.next(({ method }) => method === "process/closed");
  assert.ok(isAlive(pids[1]));
  await a.request("process/start", startParams("mine", ["true"]));
  await assert.rejects(b.request("process/read", { processId: "mine" }), { code: -32600 });
  await b.request("process/terminate", { processId: "same" });
});

Deno.test("a session survives a hundred connections in a row", async () => {
  const record = new ProcessRecord("many");
  let wire = await Wire.open(server.url);
  wire.onNotification = (message) => record.push(message);
  const session = await wire.initialize();
  const script = "while read line; do echo got $line; done; echo end";
  await wire.request(
    "process/start",
    startParams(record.processId, ["sh", "-c", script], { pipeStdin: true }),
  );
  const { processId } = record;
  for (let i = 1; i <= 100; i++) {
    await wire.request("process/write", { processId, chunk: btoa(`${i}\n`), writeId: String(i) });
    wire.cut();
    wire = await resume(session, record);
    if (i % 3 === 0) await catchUp(wire, record);
  }
  await catchUp(wire, record);
  await wire.request("process/closeStdin", { processId });
  await record.complete;
  const expected = Array.from({ length: 100 }, (_, i) => `got ${i + 1}\n`).join("") + "end\n";
  assert.equal(textOf(record.bytes("stdout")), expected);
  wire.cut();
});

Deno.test("every process of a session is taken up again, ended ones too", async () => {
  const first = await Wire.open(server.url);
  const session = await first.initialize();
  const ids = Array.from({ length: 20 }, (_, i) => `p${i}`);
  for (const [i, id] of ids.entries()) {
    const script = i % 2 ? `echo ${id}` : `echo ${id}; read line; echo ${id} again`;
    await first.request("process/start", startParams(id, ["sh", "-c", script], { pipeStdin: true }));
  }
  first.cut();
  const records = ids.map((id) => new ProcessRecord(id));
  const second = await Wire.open(server.url);
  second.onNotification = (message) => records.forEach((record) => record.push(message));
  while (!await second.initialize(session).then(() => true, () => false));
  await Promise.all(records.map((record) => catchUp(second, record)));
  for (const id of ids) {
    await second.request("process/write", { processId: id, chunk: btoa("\n"), writeId: "1" });
  }
  await Promise.all(records.map((record) => record.complete));
  for (const [i, record] of records.entries()) {
    const expected = i % 2 ? `p${i}\n` : `p${i}\np${i} again\n`;
    assert.equal(textOf(record.bytes("stdout")), expected);
  }
  second.cut();
});

Deno.test("a long poll ends with its connection and holds nothing up", async () => {
  const first = await Wire.open(server.url);
  const session = await first.initialize();
  await first.request("process/start", startParams("polled", ["sleep", "100"]));
  for (let i = 0; i < 50; i++) first.request("process/read", { processId: "polled", waitMs: 3_600_000 });
  await first.request("environment/status");
  first.cut();
  const second = await resume(session);
  assert.deepEqual(await second.request("process/terminate", { processId: "polled" }), { running: true });
  await second.next(({ method }) => method === "process/closed");
  second.cut();
});
