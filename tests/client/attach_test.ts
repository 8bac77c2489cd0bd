/** A client's copy of a process that it is attached to, which nobody waits for: it may begin anywhere and have gaps. */
import { deepStrictEqual as same, strictEqual as is } from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import type { RemoteProcess } from "../../src/client/remote_process.ts";
import { refuses } from "../support/expect.ts";
import { readResult, ScriptedServer } from "../support/scripted_server.ts";

const answer = {
  role: "view",
  tty: false,
  size: null,
  firstSeq: 1,
  nextSeq: 8,
  exited: false,
  exitCode: null,
  closed: false,
  keyboard: "owner",
  screen: null,
};

/** What a process's reader is told, in short. */
async function told(process: RemoteProcess): Promise<string[]> {
  const events: string[] = [];
  for await (const event of process) {
    if (event.kind === "gap") events.push(`gap ${event.fromSeq}-${event.toSeq}`);
    else if (event.kind === "failed") events.push(`failed: ${event.message}`);
    else events.push(event.kind === "output" ? `${event.seq}` : `${event.kind} ${event.seq}`);
  }
  return events;
}

/** A client that is attached from event 5 on. */
async function attached(lossless = false) {
  const server = new ScriptedServer();
  server.answers["process/attach"] = (_request, connection) => {
    // What follows the answer may be there before whoever asked has had its turn.
    queueMicrotask(() => connection.event("output", 5));
    return { result: answer };
  };
  server.answers["process/detach"] = () => ({ result: {} });
  const client = await ExecServerClient.connect(server);
  const { process } = await client.attach({ processId: "p", handle: "h", from: { afterSeq: 4 }, lossless });
  return { server, client, process };
}

Deno.test("it begins where it was asked to, and a gap that the server tells is one for its reader", async () => {
  const { server, client, process } = await attached();
  await using _client = client;
  const events = told(process);
  server.connection.push({ method: "process/gap", params: { processId: "p", fromSeq: 6, toSeq: 90 } });
  server.connection.event("output", 91);
  server.connection.event("exited", 92);
  server.connection.event("closed", 93);
  same(await events, ["5", "gap 6-90", "91", "exited 92", "closed 93"]);
});

Deno.test("what is no longer retained after a lost connection is skipped, and the exit has its place", async () => {
  for (
    const [chunks, exit] of [
      [[21, 22, 23], 20], // It was before everything that is retained.
      [[20, 21, 23], 22],
      [[20, 21, 22], 23],
    ] as const
  ) {
    const { server, client, process } = await attached();
    await using _client = client;
    const events = told(process);
    server.answers["process/read"] = () =>
      readResult(chunks, { nextSeq: 25, exited: true, exitCode: 0, closed: true });
    await new Promise<void>((resolve) => {
      const done = () => process.lastSeq >= 5 && resolve();
      process.log.listeners.add(done);
      done();
    });
    server.connection.lose();
    const seqs = [20, 21, 22, 23].map((seq) => seq === exit ? `exited ${seq}` : `${seq}`);
    same(await events, ["5", "gap 6-19", ...seqs, "closed 24"]);
  }
});

Deno.test("what is pushed while missed events are read counts, though it is not retained any more", async () => {
  const { server, client, process } = await attached();
  await using _client = client;
  const events = told(process);
  server.answers["process/read"] = (_request, connection) => {
    connection.event("output", 10);
    connection.push({ method: "process/gap", params: { processId: "p", fromSeq: 11, toSeq: 12 } });
    connection.event("output", 13);
    return readResult([13, 14], { nextSeq: 15 });
  };
  server.connection.lose();
  await client.call("environment/status", null);
  server.connection.event("exited", 15);
  server.connection.event("closed", 16);
  const seen = await events;
  same(seen.slice(seen.indexOf("10")), ["10", "gap 11-12", "13", "14", "exited 15", "closed 16"]);
});

Deno.test("one that may not miss anything ends where something is missing", async () => {
  const { server, client, process } = await attached(true);
  await using _client = client;
  const events = told(process);
  server.answers["process/read"] = () => readResult([], { nextSeq: 21 });
  server.connection.lose();
  is(
    (await events).at(-1),
    "failed: process events are no longer retained while recovering through sequence 20",
  );
  is((await server.request("process/detach")).params.processId, "p");
});

Deno.test("who is no longer attached is told, and a process of another client is never ended", async () => {
  const { server, client, process } = await attached();
  const events = told(process);
  server.connection.push({ method: "process/detached", params: { processId: "p", reason: "moved" } });
  is((await events).at(-1), "failed: the process has another owner now: attach to it again");
  await client.attach({ processId: "p", handle: "h", from: { afterSeq: 4 } });
  await client.terminateAll();
  await server.request("process/detach");
  is(server.connection.received.some(({ method }) => method === "process/terminate"), false);
  server.answers["process/attach"] = () => ({ error: { code: -32600, message: "unknown process handle h" } });
  await refuses(client.attach({ processId: "q", handle: "h" }), -32600, /unknown process handle/);
  client.close();
});
