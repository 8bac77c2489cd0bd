/** Sandboxes as people ask for them: by flags, and in the library. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import { Environment } from "../../src/machine/environment.ts";
import type { SandboxRequest } from "../../src/machine/sandbox_request.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { openClient, startParams } from "../support/client.ts";
import type { Sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { canConfine, entry, restricted, rootRead } from "../support/sandbox.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Runs exec-server with some arguments. */
async function program(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [name, ...rest] = serverCommand();
  const { code, stdout, stderr } = await new Deno.Command(name!, { args: [...rest, ...args], stdin: "null" })
    .output();
  return { code, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
}

Deno.test({
  name: "run --sandbox lets a command write to what it names, and nowhere else",
  ignore: !canConfine,
  async fn() {
    await using folder = new TempFolder();
    const [inside, beside] = [join(folder.path, "inside"), join(folder.path, "beside")];
    // Not below /tmp, which can be written to.
    const outside = Deno.makeTempDirSync({ dir: "/var/tmp" });
    try {
      for (const path of [inside, beside]) await Deno.mkdir(path);
      const attempt = `for d in . "$0" "$1"; do (: > "$d/made") 2>/dev/null; echo $?; done`;
      const run = async (...flags: string[]) => {
        const { stdout, code } = await program(
          ["run", "-n", "--cwd", inside, ...flags, "--", "sh", "-c", attempt, outside, "/etc"],
        );
        assert.equal(code, 0);
        return stdout.trim().split("\n").map((status) => status === "0");
      };
      assert.deepEqual(await run("--sandbox", "read-only"), [false, false, false]);
      assert.deepEqual(await run("--sandbox", "workspace-write"), [true, false, false]);
      assert.deepEqual(await run("--sandbox", "workspace-write", "--writable", outside), [true, true, false]);
    } finally {
      Deno.removeSync(outside, { recursive: true });
    }
  },
});

Deno.test({
  name: "run --sandbox has no network unless --network full gives it one",
  ignore: !canConfine,
  async fn() {
    using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const accepted = listener.accept().then((connection) => connection.close());
    const script = `exec 3<>/dev/tcp/127.0.0.1/${listener.addr.port}`;
    const run = (...flags: string[]) =>
      program(["run", "-n", "--sandbox", "read-only", ...flags, "--", "bash", "-c", script]);
    assert.notEqual((await run()).code, 0);
    assert.notEqual((await run("--network", "none")).code, 0);
    assert.equal((await run("--network", "full")).code, 0);
    await accepted;
  },
});

for (
  const [flags, message] of [
    [["--sandbox", "none"], /--sandbox takes read-only or workspace-write/],
    [["--writable", "/tmp"], /--writable is for a command with --sandbox workspace-write/],
    [["--sandbox", "read-only", "--writable", "/tmp"], /read-only writes nowhere/],
    [["--network", "full"], /--network is for a command with --sandbox/],
    [["--sandbox", "read-only", "--network", "some"], /--network takes none or full/],
  ] as const
) {
  Deno.test(`run ${flags.join(" ")} is refused`, async () => {
    const { code, stderr } = await program(["run", ...flags, "--", "true"]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

Deno.test({
  name: "serve --require-sandbox refuses processes that are not confined, and changes to files",
  ignore: !canConfine,
  async fn() {
    await using server = await startServer({ args: ["--require-sandbox"] });
    const client = await openClient(server.url);
    const none = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" } as const;
    const network = {
      permissions: { type: "external", network: "restricted" },
      windowsSandboxLevel: "disabled",
    } as const;
    for (const sandbox of [undefined, null, none, network]) {
      await assert.rejects(client.start(startParams("p", ["true"], { sandbox })), {
        code: -32600,
        message: /--require-sandbox/,
      });
    }
    await client.start(startParams("p", ["true"], { sandbox: restricted([rootRead]) }));
    await using folder = new TempFolder();
    const path = pathToFileUrl(join(folder.path, "file"));
    const write = (sandbox: typeof none | typeof network | Sandbox | undefined) =>
      client.call("fs/writeFile", { path, dataBase64: "", ...sandbox ? { sandbox } : {} });
    for (const sandbox of [undefined, none, network]) {
      await assert.rejects(write(sandbox), { code: -32600, message: /--require-sandbox/ });
    }
    const changes = {
      "fs/createDirectory": { path },
      "fs/remove": { path },
      "fs/copy": { sourcePath: path, destinationPath: path, recursive: false },
      "fs/rename": { sourcePath: path, destinationPath: path },
      "fs/chmod": { path, mode: 0o600 },
      "fs/open": { path, handleId: "h", mode: "replace" },
      "fs/unpack": { path, handleId: "h" },
    } as const;
    for (const [method, params] of Object.entries(changes)) {
      await assert.rejects(client.call(method as "fs/remove", params as { path: string }), {
        code: -32600,
        message: /--require-sandbox/,
      });
    }
    await write(restricted([rootRead, entry("write", folder.path)]));
    // Reading is another matter: whoever asks for a policy asks for its reading, too.
    await client.call("fs/readFile", { path });
    client.close();
  },
});

for (const where of ["here", "on a server"] as const) {
  Deno.test({
    name: `the library confines a process ${where}`,
    ignore: !canConfine,
    async fn() {
      await using folder = new TempFolder();
      await using server = where === "here" ? undefined : await startServer();
      await using machine = await Environment.create(server?.url, { host: thisHost });
      const run = async (sandbox: SandboxRequest) => {
        await using process = await machine.exec.start({
          argv: ["sh", "-c", "touch made /etc/made-in-a-sandbox; test -e made"],
          cwd: folder.path,
          sandbox,
        });
        const last = await Array.fromAsync(process.events());
        return last.flatMap((event) => event.kind === "exited" ? [event.exitCode] : []);
      };
      assert.deepEqual(await run({ mode: "read-only" }), [1]);
      assert.deepEqual(await run({ mode: "workspace-write" }), [0]);
      assert.equal(existsSync("/etc/made-in-a-sandbox"), false);
      await assert.rejects(run({ mode: "other" } as unknown as SandboxRequest), { name: "TypeError" });
      await assert.rejects(run({ mode: "read-only", more: 1 } as SandboxRequest), TypeError);
      await assert.rejects(run({ mode: "read-only", writable: ["/x"] }), /is for the mode/);
    },
  });
}
