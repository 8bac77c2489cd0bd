/** File systems that do not answer: whoever touches one waits, nobody else does. */
import assert from "node:assert/strict";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";
import { entry, restricted, rootRead } from "../support/sandbox.ts";
import { startServer } from "../support/server_process.ts";
import { FuseMount } from "../support/fuse_mount.ts";

const starts: [
  string,
  (mount: string, folder: string) => Parameters<typeof startParams>[2] & { argv?: string[] },
][] = [
  ["a directory on it", (mount) => ({ cwd: `file://${mount}/x` })],
  ["a directory behind a link to it", (_, folder) => ({ cwd: `file://${folder}/link/x` })],
  ["a program on it", (mount) => ({ argv: [`${mount}/program`] })],
  ["a program on it, on a terminal", (mount) => ({ argv: [`${mount}/program`], tty: true })],
  ["a PATH that names it first", (mount) => ({ env: { PATH: `${mount}/bin:/usr/bin:/bin` } })],
  ["a script whose interpreter lies on it", (_, folder) => ({ argv: [`${folder}/script`] })],
];

Deno.test({
  name: "starts that touch a file system that does not answer wait alone",
  ignore: !FuseMount.isPossible,
  async fn(t) {
    const folder = Deno.makeTempDirSync();
    await using mount = await FuseMount.silent();
    Deno.symlinkSync(mount.path, `${folder}/link`);
    Deno.writeTextFileSync(`${folder}/script`, `#!${mount.path}/sh\n`, { mode: 0o755 });
    await using server = await startServer();
    const other = await openClient(server.url);
    for (const [what, rest] of starts) {
      await t.step(what, async () => {
        const client = await openClient(server.url);
        const { argv = ["true"], ...params } = rest(mount.path, folder)!;
        const start = assert.rejects(client.call("process/start", startParams("p", argv, params)));
        // The same client has its answers, too, and can give the start up.
        assert.deepEqual(await client.call("environment/status", undefined), { status: "ready" });
        const done = await collect(await other.start(startParams(what, ["echo", "hi"])));
        assert.equal(textOf(done.stdout), "hi\n");
        assert.deepEqual(await client.call("process/terminate", { processId: "p" }), { running: true });
        await start;
        assert.deepEqual(await client.call("process/terminate", { processId: "p" }), { running: false });
        client.close();
      });
    }
    await t.step("the server ends when it is told to", async () => {
      other.close();
      assert.equal((await server.stop()).code, 0);
    });
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "file operations under a policy that touch a file system that does not answer wait alone",
  ignore: !FuseMount.isPossible,
  async fn() {
    const folder = Deno.makeTempDirSync();
    await using mount = await FuseMount.silent();
    Deno.symlinkSync(mount.path, `${folder}/link`);
    await using server = await startServer();
    const client = await openClient(server.url);
    const other = await openClient(server.url);
    const file = (name: string, writable: string) => ({
      path: `file://${folder}/${name}`,
      dataBase64: btoa("x"),
      sandbox: restricted([rootRead, entry("write", writable)]),
    });
    // One way leads there, one policy names it.
    const waiting = [file("link/x", folder), file("f", mount.path)].map((params) =>
      assert.rejects(client.call("fs/writeFile", params), /closed|lost|over/)
    );
    for (const name of ["a", "b", "c"]) await other.call("fs/writeFile", file(name, folder));
    assert.equal(Deno.readTextFileSync(`${folder}/c`), "x");
    client.close();
    await Promise.all(waiting);
    other.close();
    assert.equal((await server.stop()).code, 0);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "starts on a file system that another program serves are as all others",
  ignore: !FuseMount.isPossible,
  async fn() {
    await using mount = await FuseMount.empty();
    await using server = await startServer();
    const client = await openClient(server.url);
    const cwd = `file://${mount.path}`;
    for (const [id, rest, stream] of [["pipes", {}, "stdout"], ["tty", { tty: true }, "pty"]] as const) {
      const { events, exitCode } = await collect(
        await client.start(startParams(id, ["/bin/pwd"], { cwd, ...rest })),
      );
      assert.equal(textOf(bytesOf(events, stream)).trim(), mount.path);
      assert.equal(exitCode, 0);
      const missing = startParams("missing", [`${mount.path}/program`], rest);
      const refused = { code: -32603, message: /os error 2/, data: { kind: "spawnNotFound" } };
      await assert.rejects(client.start(missing), refused);
    }
    client.close();
    assert.equal((await server.stop()).code, 0);
  },
});

type Client = Awaited<ReturnType<typeof openClient>>;

const waits: [string, (client: Client, mount: string) => Promise<unknown>][] = [
  ["files", (client, mount) => client.call("fs/getMetadata", { path: `file://${mount}/x` })],
  [
    "capability roots",
    (client, mount) =>
      client.call("capabilityRoots/discoverV1", { roots: [{ id: "root", path: `file://${mount}/x` }] }),
  ],
  ["capabilities", (client) => client.call("capabilities/discoverV2", { cwd: "file:///tmp" })],
  ["the configuration", (client) =>
    client.call("environmentConfig/read", {
      cwd: "file:///tmp",
      configPaths: [["model"]],
      requirementsPaths: [],
    })],
];

for (const [what, wait] of waits) {
  Deno.test({
    name: `however many clients wait for a file system with ${what}, all others have their files`,
    ignore: !FuseMount.isPossible,
    async fn() {
      await using mount = await FuseMount.silent();
      const env = { ...Deno.env.toObject(), CODEX_HOME: `${mount.path}/home` };
      await using server = await startServer({ env });
      const other = await openClient(server.url);
      const clients = await Promise.all(Array.from({ length: 40 }, () => openClient(server.url)));
      const waiting = clients.map((client) => wait(client, mount.path).catch(() => {}));
      const { isDirectory } = await other.call("fs/getMetadata", { path: "file:///etc" });
      assert.ok(isDirectory);
      assert.equal((await collect(await other.start(startParams("p", ["true"])))).exitCode, 0);
      for (const client of [...clients, other]) client.close();
      assert.equal((await server.stop()).code, 0);
      await Promise.all(waiting);
    },
  });
}
