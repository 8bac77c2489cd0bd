/** Files through the socket: what the units of the operations cannot show. */
import { deepStrictEqual as same, ok, rejects, strictEqual as is } from "node:assert/strict";
import type { ExecServerClient } from "../../src/client/client.ts";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import type { Sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { openClient } from "../support/client.ts";
import { type ServerProcess, serverRuntime, startServer } from "../support/server_process.ts";

let server: ServerProcess;
let client: ExecServerClient;
let folder: string;

Deno.test.beforeAll(async () => {
  server = await startServer({ args: ["--log-level", "off"] });
  client = await openClient(server.url);
  folder = await Deno.realPath(await Deno.makeTempDir());
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
  await Deno.remove(folder, { recursive: true });
});

const uri = (name: string) => formatFileUri(`${folder}/${name}`, "linux");
const confined: Sandbox = {
  permissions: {
    type: "managed",
    file_system: { type: "restricted", entries: [] },
    network: "restricted",
  },
  windowsSandboxLevel: "disabled",
};

Deno.test("bytes written come back as they were", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await client.call("fs/writeFile", { path: uri("bytes"), dataBase64: bytes.toBase64() });
  const { dataBase64 } = await client.call("fs/readFile", { path: uri("bytes") });
  same(dataBase64, bytes);
});

Deno.test("a file of 20 MB arrives in one answer, or is refused with the way to read it", async () => {
  const bytes = new Uint8Array(20_000_000).map((_, i) => i * 7);
  await Deno.writeFile(`${folder}/large`, bytes);
  const read = client.call("fs/readFile", { path: uri("large") });
  if (serverRuntime() === "deno") same((await read).dataBase64, bytes);
  else await rejects(read, { code: -32600, message: /fs\/open and fs\/readBlock/ });
});

Deno.test("a file is streamed in blocks, and its handle goes with the connection", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await Deno.writeFile(`${folder}/blocks`, bytes);
  await client.call("fs/open", { handleId: "h", path: uri("blocks") });
  const first = await client.call("fs/readBlock", { handleId: "h", offset: 0, len: 30_000 });
  const rest = await client.call("fs/readBlock", { handleId: "h", offset: 30_000, len: 30_000 });
  same([first.eof, rest.eof], [false, true]);
  same(new Uint8Array([...first.chunk, ...rest.chunk]), bytes);
  await using other = await openClient(server.url);
  await rejects(other.call("fs/readBlock", { handleId: "h", offset: 0, len: 1 }), { code: -32004 });
  await client.call("fs/close", { handleId: "h" });
});

Deno.test("what asks to be confined reads and changes nothing that its policy leaves out", async () => {
  await Deno.writeTextFile(`${folder}/kept`, "as it was");
  const params = { path: uri("kept"), sandbox: confined };
  await rejects(client.call("fs/readFile", params), { code: -32004 });
  await rejects(client.call("fs/writeFile", { ...params, dataBase64: "" }), { code: -32004 });
  await rejects(client.call("fs/remove", { ...params, force: false }), { code: -32004 });
  is(await Deno.readTextFile(`${folder}/kept`), "as it was");
});

Deno.test("a FIFO without a writer holds nobody up", async () => {
  await new Deno.Command("mkfifo", { args: [`${folder}/fifo`] }).output();
  await rejects(client.call("fs/readFile", { path: uri("fifo") }), {
    code: -32600,
    message: /is not a file/,
  });
});

Deno.test("a watch tells what is made, changed, renamed and removed, until it is ended", async () => {
  await Deno.mkdir(`${folder}/watched`);
  const changes: string[] = [];
  let seen = Promise.withResolvers<void>();
  client.listen("fs/changed", (notification) => {
    for (const change of notification.changes) {
      changes.push(`${change.kind} ${change.path.split("/").at(-1)}`);
    }
    seen.resolve();
  });
  const until = async (wanted: string) => {
    while (!changes.includes(wanted)) {
      await seen.promise;
      seen = Promise.withResolvers();
    }
  };
  await client.call("fs/watch", { watchId: "w", path: uri("watched") });
  await Deno.writeTextFile(`${folder}/watched/one`, "1");
  await until("create one");
  await Deno.writeTextFile(`${folder}/watched/one`, "2");
  await until("modify one");
  await Deno.rename(`${folder}/watched/one`, `${folder}/watched/two`);
  await until("rename two");
  await Deno.remove(`${folder}/watched/two`);
  await until("remove two");
  await client.call("fs/unwatch", { watchId: "w" });
  changes.length = 0;
  await Deno.writeTextFile(`${folder}/watched/three`, "3");
  await client.call("fs/watch", { watchId: "v", path: uri("watched") });
  await Deno.writeTextFile(`${folder}/watched/four`, "4");
  await until("create four");
  ok(!changes.includes("create three"));
});
