/** What becomes of a remote machine's open files, watches and bodies when the connection is lost. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Environment } from "../../src/machine/environment.ts";
import { ExecServerClient } from "../../src/client/client.ts";
import { ConnectionError } from "../../src/transport/transport.ts";
import { CLIENT_QUEUE_LIMIT_BYTES } from "../../src/limits.ts";
import { textOf } from "../support/client.ts";
import { fails } from "../support/expect.ts";
import { ScriptedServer, type SentRequest } from "../support/scripted_server.ts";

const empty = () => ({ result: {} });

/** A machine behind a server that answers what these tests ask. */
async function open(): Promise<
  { server: ScriptedServer; machine: Environment; connectedAgain: Promise<void> }
> {
  const server = new ScriptedServer();
  Object.assign(server.answers, {
    "fs/open": ({ params }: SentRequest) => ({ result: { handleId: params.handleId } }),
    "fs/readBlock": () => ({ result: { chunk: btoa("x"), eof: true } }),
    "fs/close": empty,
    "fs/watch": ({ params }: SentRequest) => ({ result: { watchId: params.watchId } }),
    "fs/unwatch": empty,
    "http/request": () => ({ result: { status: 200, headers: [], bodyBase64: "" } }),
  });
  const { promise: connectedAgain, resolve } = Promise.withResolvers<void>();
  const client = await ExecServerClient.connect(server, {
    onConnection: ({ kind }) => kind === "connected" && resolve(),
  });
  return { server, machine: Environment.over(client), connectedAgain };
}

Deno.test("an open file is lost with its connection, and says so", async () => {
  const { server, machine, connectedAgain } = await open();
  await using _ = machine;
  await using file = await machine.fileSystem.open("/file");
  strictEqual(textOf((await file.read(0)).bytes), "x");
  server.connection.lose();
  await connectedAgain;
  await rejects(file.read(0), (error) => {
    ok(error instanceof ConnectionError);
    strictEqual(error.message, 'The connection was lost, and the open file "/file" with it: open it again');
    return true;
  });
  await using again = await machine.fileSystem.open("/file");
  await again.read(0);
});

Deno.test("a watch is begun again on the next connection, and tells to look again", async () => {
  const { server, machine } = await open();
  await using _ = machine;
  using watcher = await machine.fileSystem.watch("/folder", { recursive: true });
  const { params } = await server.request("fs/watch");
  server.connection.lose();
  deepStrictEqual((await watcher.next()).value, { kind: "overflow", path: "/folder" });
  deepStrictEqual((await server.request("fs/watch", 2)).params, params);
  const changes = [{ kind: "create", path: "file:///folder/a%20b" }];
  server.connection.push({
    method: "fs/changed",
    params: { watchId: params.watchId, changes, ended: false },
  });
  deepStrictEqual((await watcher.next()).value, { kind: "create", path: "/folder/a b" });
});

Deno.test("a watch that cannot be begun again fails with the server's words", async () => {
  const { server, machine } = await open();
  await using _ = machine;
  using watcher = await machine.fileSystem.watch("/folder");
  server.answers["fs/watch"] = () => ({ error: { code: -32004, message: "gone" } });
  server.connection.lose();
  await fails(watcher.next(), -32004, /^gone$/);
  strictEqual((await watcher.next()).done, true);
});

Deno.test("a body that is on its way fails with its connection, after what came", async () => {
  const { server, machine, connectedAgain } = await open();
  await using _ = machine;
  const reader = (await machine.http.stream({ url: "http://localhost/" })).body.getReader();
  const { params: { requestId } } = await server.request("http/request");
  const delta = (seq: number, text: string) => ({
    method: "http/request/bodyDelta",
    params: { requestId, seq, deltaBase64: btoa(text), done: false, error: null },
  });
  server.connection.push(delta(1, "part"));
  strictEqual(textOf((await reader.read()).value!), "part");
  server.connection.lose();
  await connectedAgain;
  await rejects(reader.read(), ConnectionError);
});

Deno.test("a body with a part that did not arrive fails", async () => {
  const { server, machine } = await open();
  await using _ = machine;
  const { body } = await machine.http.stream({ url: "http://localhost/" });
  const { params: { requestId } } = await server.request("http/request");
  server.connection.push({
    method: "http/request/bodyDelta",
    params: { requestId, seq: 2, deltaBase64: btoa("part"), done: false, error: null },
  });
  await fails(body.getReader().read(), -32603, /part 1 of the body did not arrive/);
});

Deno.test("a body that nobody reads holds the connection up, and no longer once it is given up", async () => {
  const { server, machine } = await open();
  await using _ = machine;
  const { body } = await machine.http.stream({ url: "http://localhost/" });
  const { params: { requestId } } = await server.request("http/request");
  const deltaBase64 = new Uint8Array(1 << 20).toBase64();
  const parts = CLIENT_QUEUE_LIMIT_BYTES / (1 << 20);
  for (let seq = 1; seq <= parts; seq++) {
    strictEqual(server.connection.reading, true);
    server.connection.handlers!.onMessage(JSON.stringify({
      method: "http/request/bodyDelta",
      params: { requestId, seq, deltaBase64, done: false, error: null },
    }));
  }
  strictEqual(server.connection.reading, false);
  const reader = body.getReader();
  await reader.read();
  strictEqual(server.connection.reading, true);
  await reader.cancel();
});

Deno.test("a connection that is given up ends watches with its failure", async () => {
  const { server, machine } = await open();
  await using _ = machine;
  using watcher = await machine.fileSystem.watch("/folder");
  server.answers["initialize"] = () => ({ error: { code: -32600, message: "unknown session id" } });
  server.connection.lose();
  await rejects(watcher.next(), /unknown session id/);
});

Deno.test("the end of a machine closes what it opened and terminates what it started", async () => {
  const { server, machine } = await open();
  await machine.fileSystem.open("/file");
  await machine.fileSystem.watch("/folder");
  await machine.exec.start({ argv: ["sleep"], processId: "p" });
  await machine[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  const methods = server.connection.received.map(({ method }) => method);
  deepStrictEqual(methods.filter((method) => /terminate|unwatch|close/.test(method)), [
    "process/terminate",
    "fs/unwatch",
    "fs/close",
  ]);
  ok(server.connection.closed);
});
