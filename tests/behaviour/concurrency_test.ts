import assert from "node:assert/strict";
import { startParams } from "../support/client.ts";
import { isAlive, until } from "../support/proc.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire, type WireMessage } from "../support/wire.ts";

let server: ServerProcess;
let concurrent: ServerProcess;

Deno.test.beforeAll(async () => {
  [server, concurrent] = await Promise.all([
    startServer(),
    startServer({ args: ["--concurrent-requests", "4"] }),
  ]);
});

Deno.test.afterAll(async () => {
  await Promise.all([server.stop(), concurrent.stop()]);
});

async function open(url = server.url): Promise<Wire> {
  const wire = await Wire.open(url);
  await wire.initialize();
  return wire;
}

/** Sends requests with these ids, back to back in one piece, and returns the answers in the order they came. */
async function pipeline(wire: Wire, requests: readonly Record<string, unknown>[]): Promise<WireMessage[]> {
  for (const request of requests) void wire.send(request);
  const answers: WireMessage[] = [];
  while (answers.length < requests.length) answers.push(await wire.next(({ id }) => id !== undefined));
  return answers;
}

Deno.test("two hundred pipelined requests are answered in their order", async () => {
  using wire = await open();
  const requests = Array.from({ length: 200 }, (_, i) => {
    const id = 1_000 + i;
    const processId = `p${i - i % 5}`;
    switch (i % 5) {
      case 0:
        return { id, method: "process/start", params: startParams(processId, ["true"]) };
      case 1:
        return { id, method: "process/read", params: { processId } };
      case 2:
        return { id, method: "process/write", params: { processId, chunk: "", writeId: "1" } };
      case 3:
        return { id, method: "process/terminate", params: { processId } };
      default:
        return { id, method: "environment/status" };
    }
  });
  const answers = await pipeline(wire, requests);
  assert.deepEqual(answers.map(({ id }) => id), requests.map(({ id }) => id));
  assert.deepEqual(answers.filter(({ error }) => error), []);
});

Deno.test("errors and malformed messages are answered in their turn too", async () => {
  using wire = await open();
  void wire.send({ id: "a", method: "environment/status" });
  void wire.send({ id: "b", method: "no/such/method" });
  void wire.sendFrame("garbage");
  void wire.send({ id: "c", method: "process/read", params: {} });
  void wire.send({ id: "d", method: "environment/status" });
  const ids: unknown[] = [];
  while (ids.length < 5) ids.push((await wire.next()).id);
  assert.deepEqual(ids, ["a", "b", -1, "c", "d"]);
});

Deno.test("long polls hold up nobody, and each is answered when it is its turn", async () => {
  using wire = await open();
  await wire.request(
    "process/start",
    startParams("quiet", ["sh", "-c", "read line; echo $line"], { pipeStdin: true }),
  );
  const polls = Array.from(
    { length: 100 },
    () => wire.request("process/read", { processId: "quiet", waitMs: 3_600_000 }),
  );
  assert.deepEqual(await wire.request("environment/status"), { status: "ready" });
  await wire.request("process/start", startParams("other", ["true"]));
  await wire.next(({ method, params }) => method === "process/closed" && params.processId === "other");
  assert.deepEqual(await wire.request("process/terminate", { processId: "other" }), { running: false });
  await wire.request("process/write", { processId: "quiet", chunk: btoa("go\n"), writeId: "1" });
  for (const { chunks } of await Promise.all(polls)) assert.equal(atob(chunks[0].chunk), "go\n");
});

Deno.test("a long poll that nothing comes of ends after its time with nothing", async () => {
  using wire = await open();
  await wire.request("process/start", startParams("silent", ["sleep", "100"]));
  const { chunks, nextSeq, exited } = await wire.request("process/read", { processId: "silent", waitMs: 50 });
  assert.deepEqual([chunks, nextSeq, exited], [[], 1, false]);
  await wire.request("process/terminate", { processId: "silent" });
});

Deno.test("the same id may be in flight twice, and is answered twice", async () => {
  using wire = await open();
  await wire.request(
    "process/start",
    startParams("slow", ["sh", "-c", "read line; echo x"], { pipeStdin: true }),
  );
  void wire.send({ id: "same", method: "process/read", params: { processId: "slow", waitMs: 60_000 } });
  void wire.send({ id: "same", method: "environment/status" });
  assert.deepEqual((await wire.next(({ id }) => id === "same")).result, { status: "ready" });
  await wire.request("process/write", { processId: "slow", chunk: btoa("\n"), writeId: "1" });
  assert.equal((await wire.next(({ id }) => id === "same")).result.chunks.length, 1);
});

Deno.test("connections do not wait for each other", async () => {
  using busy = await open();
  await busy.request("process/start", startParams("flood", ["yes"]));
  busy.pause();
  using other = await open();
  for (let i = 0; i < 50; i++) {
    assert.deepEqual(await other.request("environment/status"), { status: "ready" });
  }
});

Deno.test("with more concurrent requests every one is answered, and a process's writes keep their order", async () => {
  using wire = await open(concurrent.url);
  await wire.request("process/start", startParams("cat", ["cat"], { pipeStdin: true }));
  const ids = Array.from({ length: 200 }, (_, i) => 1_000 + i);
  const answers = await pipeline(
    wire,
    ids.map((id) => ({
      id,
      method: "process/write",
      params: { processId: "cat", chunk: btoa(`${id}\n`), writeId: String(id) },
    })),
  );
  assert.deepEqual(answers.map(({ id }) => id).toSorted(), ids.toSorted());
  await wire.request("process/closeStdin", { processId: "cat" });
  await wire.next(({ method }) => method === "process/closed");
  const { chunks } = await wire.request("process/read", { processId: "cat" });
  assert.equal(
    chunks.map(({ chunk }: { chunk: string }) => atob(chunk)).join(""),
    ids.map((id) => `${id}\n`).join(""),
  );
});

Deno.test("a terminate behind many pipelined starts ends the right one", async () => {
  using wire = await open();
  const starts = Array.from(
    { length: 20 },
    (_, i) => wire.request("process/start", startParams(`p${i}`, ["sleep", "1000"])),
  );
  const terminated = wire.request("process/terminate", { processId: "p7" });
  await Promise.all(starts);
  assert.deepEqual(await terminated, { running: true });
  const { params } = await wire.next(({ method }) => method === "process/closed");
  assert.equal(params.processId, "p7");
  const { processes } = await wire.request("process/list");
  for (const { processId, pid } of processes) {
    if (processId === "p7") await until("it is dead", () => !isAlive(pid));
    else assert.ok(isAlive(pid), processId);
    void wire.request("process/terminate", { processId });
  }
  await wire.request("environment/status");
});

Deno.test("writes of one process keep their order, however many requests are served at once", async () => {
  using wire = await open(concurrent.url);
  const count = 500;
  const params = startParams("ordered", ["head", "-c", `${count * 5}`], { pipeStdin: true });
  await wire.request("process/start", params);
  const lines = Array.from({ length: count }, (_, i) => `${i}`.padStart(4, "0") + "\n");
  const answers = await pipeline(
    wire,
    lines.map((line, i) => ({
      id: 10_000 + i,
      method: "process/write",
      params: { processId: "ordered", chunk: btoa(line), writeId: `${i}` },
    })),
  );
  assert.deepEqual(new Set(answers.map(({ result }) => result.status)), new Set(["accepted"]));
  let text = "";
  while (text.length < count * 5) {
    const { params } = await wire.next(({ method }) => method === "process/output");
    text += atob(params.chunk);
  }
  assert.equal(text, lines.join(""));
});
