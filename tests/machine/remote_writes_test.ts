import { deepStrictEqual as same, rejects, strictEqual as is } from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import { CLIENT_WRITE_BYTES, CLIENT_WRITES, CLIENT_WRITES_BYTES } from "../../src/limits.ts";
import { RemoteWrites } from "../../src/machine/remote/remote_writes.ts";
import { type Answer, ScriptedServer } from "../support/scripted_server.ts";

const accepted: Answer = { result: { status: "accepted" } };

/** A client whose server answers writes when a test says so, and says that it keeps their order. */
async function open() {
  const server = new ScriptedServer();
  server.capabilities.processWriteOrder = true;
  const client = await ExecServerClient.connect(server);
  return { server, client, writes: new RemoteWrites(client, "p") };
}

/** The writes that arrived on the newest connection, by their texts. */
function texts(server: ScriptedServer): string[] {
  return writesOf(server).map(({ params }) => atob(params.chunk));
}

function writesOf(server: ScriptedServer) {
  return server.connection.received.filter(({ method }) => method === "process/write");
}

/** Answers the nth write, and gives the client its turn. */
async function answer(server: ScriptedServer, nth: number, outcome: Answer = accepted): Promise<void> {
  server.connection.push({ id: writesOf(server)[nth]!.id, ...outcome });
  await new Promise((resolve) => setTimeout(resolve));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("writes go ahead of their answers, in order, up to a number", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const all = Array.from({ length: CLIENT_WRITES + 2 }, (_, i) => writes.write(bytes(`${i},`)));
  const numbers = all.map((_, i) => `${i},`);
  same(texts(server), numbers.slice(0, CLIENT_WRITES));
  await answer(server, 3);
  same(texts(server), numbers.slice(0, CLIENT_WRITES + 1));
  await answer(server, 0);
  same(texts(server), numbers);
  for (let nth = 0; nth < numbers.length; nth++) if (nth !== 0 && nth !== 3) await answer(server, nth);
  same(new Set(await Promise.all(all)), new Set(["accepted"]));
});

Deno.test("a large write goes in parts, of which so many bytes are unanswered", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const parts = CLIENT_WRITES_BYTES / CLIENT_WRITE_BYTES;
  const data = new Uint8Array(CLIENT_WRITES_BYTES + CLIENT_WRITE_BYTES + 1);
  for (let at = 0; at < data.length; at++) data[at] = at >> 16;
  const write = writes.write(data);
  const answered = writes.done;
  is(writesOf(server).length, parts);
  for (let nth = 0; nth < parts + 2; nth++) await answer(server, nth);
  is(await write, "accepted");
  await answered;
  is(texts(server).join(""), Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
});

Deno.test("a server that does not say that it keeps the order has one write at a time", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const writes = new RemoteWrites(client, "p");
  const all = [writes.write(bytes("a")), writes.write(bytes("b"))];
  same(texts(server), ["a"]);
  await answer(server, 0);
  same(texts(server), ["a", "b"]);
  await answer(server, 1);
  await Promise.all(all);
});

Deno.test("nothing of a write follows a part of it that was not taken; other writes do", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const broken = writes.write(new Uint8Array(CLIENT_WRITES_BYTES * 4));
  const other = writes.write(bytes("other"));
  const refused = rejects(broken, { code: -32600 });
  await answer(server, 0, { error: { code: -32600, message: "no" } });
  await refused;
  await answer(server, 1);
  same(texts(server).slice(2), ["other"]);
  await answer(server, 2, { result: { status: "stdinClosed" } });
  is(await other, "stdinClosed");
});

Deno.test("writes of a lost connection are sent again before those that waited", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const all = Array.from({ length: CLIENT_WRITES + 4 }, (_, i) => writes.write(bytes(`${i},`)));
  const number = all.length;
  server.connection.lose();
  server.answers["process/write"] = () => accepted;
  same(new Set(await Promise.all(all)), new Set(["accepted"]));
  same(texts(server), Array.from({ length: number }, (_, i) => `${i},`));
  same(writesOf(server).map(({ params }) => params.writeId), all.map((_, i) => String(i + 1)));
});

Deno.test("an empty write is a write", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const write = writes.write(new Uint8Array(0));
  await answer(server, 0);
  is(await write, "accepted");
});

Deno.test("where somebody else has the keyboard, it is told how far a write came", async () => {
  const { server, client, writes } = await open();
  await using _ = client;
  const write = writes.write(new Uint8Array(CLIENT_WRITE_BYTES + 1));
  const told = rejects(write, { name: "KeyboardTakenError", writtenBytes: CLIENT_WRITE_BYTES });
  await answer(server, 0);
  await answer(server, 1, { result: { status: "starting", keyboard: "viewer" } });
  await told;
});
