import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import { CLIENT_QUEUE_LIMIT_BYTES } from "../../src/limits.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

/** A client with two calls at once. */
async function open(server: ScriptedServer): Promise<ExecServerClient> {
  return await ExecServerClient.connect(server, { calls: 2 });
}

/** Calls that are told apart by what they ask for; a server without an answer for them holds them. */
function look(client: ExecServerClient, name: string, signal?: AbortSignal): Promise<unknown> {
  return client.call("fs/canonicalize", { path: `file:///${name}` }, { signal });
}

/** What has been asked for, over all connections. */
function asked(server: ScriptedServer): string[] {
  return server.connections.flatMap(({ received }) =>
    received.filter(({ method }) => method === "fs/canonicalize").map(({ params }) => params.path.slice(8))
  );
}

/** Answers what was asked for under a name. */
function answer(server: ScriptedServer, name: string): void {
  const { id } = server.connection.received.find(({ params }) => params?.path === `file:///${name}`)!;
  server.connection.push({ id, result: { path: "file:///" } });
}

Deno.test("calls beyond the limit wait their turn, and go in call order", async () => {
  const server = new ScriptedServer();
  await using client = await open(server);
  const calls = ["a", "b", "c", "d"].map((name) => look(client, name));
  deepStrictEqual(asked(server), ["a", "b"]);
  answer(server, "b");
  await calls[1];
  deepStrictEqual(asked(server), ["a", "b", "c"]);
  answer(server, "a");
  await calls[0];
  deepStrictEqual(asked(server), ["a", "b", "c", "d"]);
  for (const name of ["c", "d"]) answer(server, name);
  await Promise.all(calls);
});

Deno.test("a caller who gives up makes room, and is not sent when it waited", async () => {
  const server = new ScriptedServer();
  await using client = await open(server);
  const [sent, waiting] = [new AbortController(), new AbortController()];
  const first = look(client, "a", sent.signal);
  look(client, "b").catch(() => {});
  const second = look(client, "c", waiting.signal);
  const third = look(client, "d");
  waiting.abort(new Error("waited enough"));
  await rejects(second, /waited enough/);
  sent.abort(new Error("enough"));
  await rejects(first, /^Error: enough$/);
  deepStrictEqual(asked(server), ["a", "b", "d"]);
  answer(server, "d");
  await third;
});

Deno.test("what ends something does not wait for room", async () => {
  const server = new ScriptedServer();
  await using client = await open(server);
  for (const name of ["a", "b", "c"]) look(client, name).catch(() => {});
  strictEqual((await client.call("process/terminate", { processId: "p" })).running, true);
  deepStrictEqual(asked(server), ["a", "b"]);
});

Deno.test("the limit holds on the next connection too", async () => {
  const server = new ScriptedServer();
  const connected = Promise.withResolvers<void>();
  await using client = await ExecServerClient.connect(server, {
    calls: 2,
    onConnection: ({ kind }) => kind === "connected" && connected.resolve(),
  });
  const calls = ["a", "b", "c", "d"].map((name) => look(client, name));
  server.connection.lose();
  await connected.promise;
  deepStrictEqual(asked(server), ["a", "b", "a", "b"]);
  for (const [at, name] of ["a", "b", "c", "d"].entries()) {
    answer(server, name);
    await calls[at];
  }
  deepStrictEqual(asked(server), ["a", "b", "a", "b", "c", "d"]);
});

Deno.test("what was sent on a lost connection goes first on the next one, before what waited for its turn", async () => {
  const server = new ScriptedServer();
  await using client = await open(server);
  const sent = ["a", "b"].map((name) => look(client, name));
  const waited = ["c", "d"].map((name) => look(client, name));
  server.connection.lose();
  await Promise.resolve();
  const later = look(client, "e");
  server.answers["fs/canonicalize"] = () => ({ result: { path: "file:///" } });
  await Promise.all([...sent, ...waited, later]);
  deepStrictEqual(asked(server), ["a", "b", "a", "b", "c", "d", "e"]);
});

Deno.test("a client that is closed fails the calls that wait for their turn", async () => {
  const client = await open(new ScriptedServer());
  const calls = ["a", "b", "c"].map((name) => look(client, name));
  client.close();
  for (const call of calls) await rejects(call, /The client is closed/);
});

Deno.test("a backlog that is too large holds the connection up until it is smaller", async () => {
  const server = new ScriptedServer();
  await using client = await open(server);
  const backlog = { backlogBytes: 0 };
  const hold = client.addBacklog(backlog);
  backlog.backlogBytes = CLIENT_QUEUE_LIMIT_BYTES;
  hold.changed();
  strictEqual(server.connection.reading, false);
  backlog.backlogBytes--;
  hold.changed();
  strictEqual(server.connection.reading, true);
  backlog.backlogBytes++;
  hold.changed();
  strictEqual(server.connection.reading, false);
  hold.end();
  strictEqual(server.connection.reading, true);
});
