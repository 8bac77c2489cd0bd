import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import type { RemoteProcess } from "../../src/client/remote_process.ts";
import { CATCH_UP_READ_MOST_BYTES, CATCH_UP_READS, REORDER_EVENTS } from "../../src/limits.ts";
import { startParams, textOf } from "../support/client.ts";
import { readResult, ScriptedServer } from "../support/scripted_server.ts";

const params = startParams("p", ["true"]);

/** What a process put out, or how it failed. */
async function outcome(process: RemoteProcess): Promise<string> {
  let text = "";
  for await (const event of process) {
    if (event.kind === "output") text += textOf(event.bytes);
    if (event.kind === "failed") return `failed: ${event.message}`;
    if (event.kind === "exited") text += `exit ${event.exitCode}`;
  }
  return text;
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `${i + 1}\n`).join("");
}

Deno.test("a process that always has something new is read up to where pushing began", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const text = outcome(process);
  let seq = 10;
  const asked: number[] = [];
  server.answers["process/read"] = ({ params: { afterSeq, maxBytes } }, connection) => {
    asked.push(maxBytes);
    // While the read is on its way the process goes on: this is pushed, and is there to be read as well.
    connection.event("output", ++seq);
    const seqs = Array.from({ length: seq - afterSeq }, (_, i) => afterSeq + 1 + i);
    return readResult(seqs, { nextSeq: seq + 1 });
  };
  server.connection.lose();
  await client.call("environment/status", null);
  server.connection.event("exited", seq + 1);
  server.connection.event("closed", seq + 2);
  is(await text, `${lines(seq)}exit 0`);
  ok(asked.length <= 2, `${asked.length} reads`);
});

Deno.test("what was missed is read in parts of a bounded size, and a server without end of them is left", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const text = outcome(process);
  const asked: number[] = [];
  server.answers["process/read"] = ({ params: { afterSeq, maxBytes } }) => {
    asked.push(maxBytes);
    return readResult([afterSeq + 1], { nextSeq: afterSeq + 2 });
  };
  server.connection.lose();
  match(await text, /^failed: what was missed does not come to an end/);
  same([asked.length, Math.max(...asked)], [CATCH_UP_READS, CATCH_UP_READ_MOST_BYTES]);
  await client.call("environment/status", null);
});

Deno.test("a server that names any number of missed events costs nothing", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const text = outcome(process);
  server.answers["process/read"] = () => readResult([], { nextSeq: Number.MAX_SAFE_INTEGER });
  server.connection.lose();
  match(await text, /^failed: process events are no longer retained/);
});

Deno.test("a number that goes back is not followed", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const text = outcome(process);
  server.answers["process/read"] = ({ params: { afterSeq } }) =>
    afterSeq < 2 ? readResult([1, 2], { nextSeq: 0 }) : readResult([], { nextSeq: 3 });
  server.connection.lose();
  await client.call("environment/status", null);
  server.connection.event("closed", 3);
  is(await text, lines(2));
});

Deno.test("events far ahead of what was missed are held up to a limit while that is fetched", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const text = outcome(process);
  const count = REORDER_EVENTS * 4;
  let reads = 0;
  server.answers["process/read"] = (_request, connection) => {
    if (++reads > 1) return undefined;
    for (let seq = 2; seq <= count; seq++) connection.event("output", seq);
    return readResult([1], { nextSeq: 2 });
  };
  server.connection.lose();
  await client.call("environment/status", null);
  server.connection.event("closed", count + 1);
  is(await text, lines(count));
});

Deno.test("a connection that dies while missed output is fetched is found out, and the next one is taken", async () => {
  const server = new ScriptedServer();
  // A real connection keeps the program alive, which this one does not.
  const alive = setInterval(() => {}, 1_000);
  const heartbeat = { silenceMs: 20, answerMs: 20 };
  await using client = await ExecServerClient.connect(server, { heartbeat });
  const process = await client.start(params);
  const text = outcome(process);
  const status = server.answers["environment/status"]!;
  server.answers["environment/status"] = (request, connection) =>
    server.connections.indexOf(connection) === 1 ? undefined : status(request, connection);
  server.answers["process/read"] = ({ params: { afterSeq } }, connection) =>
    server.connections.indexOf(connection) === 1
      ? undefined
      : readResult(afterSeq === 0 ? [1, 2] : [], { nextSeq: 5, exited: true, exitCode: 4, closed: true });
  server.connection.lose();
  await server.request("initialize", 3);
  ok(server.connections[1]!.closed);
  is(await text, `${lines(2)}exit 4`);
  clearInterval(alive);
});

for (const exitCode of [1e308, -1.5, 2 ** 32]) {
  Deno.test(`a process that ended with ${exitCode} fails: no process has such a code`, async () => {
    const server = new ScriptedServer();
    await using client = await ExecServerClient.connect(server);
    const process = await client.start(params);
    const text = outcome(process);
    server.connection.event("exited", 1, { exitCode });
    match(await text, /^failed: the server reports an exit code that no process has/);
  });
}
