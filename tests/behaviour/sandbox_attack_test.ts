/** Ways out of a sandbox, tried from inside, of a server of root's and of an ordinary user's. */
import assert from "node:assert/strict";
import { existsSync, lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { entry, mechanisms, restricted, rootRead } from "../support/sandbox.ts";
import { serverRuntime } from "../support/server_process.ts";
import { ordinaryUser, serverOfUser } from "../support/user_server.ts";

const script = await Deno.readTextFile(
  join(dirname(dirname(fileURLToPath(import.meta.url))), "support/sandbox_attacks.py"),
);

/** What only a restricted network takes away. */
const ofNetwork = [
  "use a network",
  "use an abstract socket",
  "use a socket file",
  "trace a process",
  "take another's descriptor",
];

/** Folders for a workspace and for what lies outside, of a user. They are not below /tmp, which may be written to. */
function makeFolders(uid: number) {
  const path = Deno.makeTempDirSync({ dir: "/var/tmp" });
  const workspace = join(path, "parent/workspace");
  for (const name of [".git", "sub", "hidden", "deep/kept"]) {
    Deno.mkdirSync(join(workspace, name), { recursive: true });
  }
  Deno.mkdirSync(join(path, "outside"));
  for (const name of ["parent/workspace/.git/config", "parent/workspace/hidden-file", "outside/file"]) {
    Deno.writeTextFileSync(join(path, name), "kept\n");
  }
  if (Deno.uid() === 0) new Deno.Command("chown", { args: ["-R", `${uid}:${uid}`, path] }).outputSync();
  return {
    parent: join(path, "parent"),
    workspace,
    outside: join(path, "outside"),
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

async function attempt(
  uid: number,
  network: "restricted" | "enabled",
  args: readonly string[],
): Promise<void> {
  using folders = makeFolders(uid);
  await using server = await serverOfUser(uid, folders.outside, args);
  const client = await openClient(server.url);
  const { parent, workspace, outside } = folders;
  const sandbox = restricted([
    rootRead,
    entry("write", parent),
    entry("write", workspace),
    entry("read", join(workspace, "deep/kept")),
    entry("none", join(workspace, "hidden")),
    entry("none", join(workspace, "hidden-file")),
  ], network);
  // What makes a sandbox by itself lets nobody in it take hold of its first process.
  const works = args.length > 0 ? ofNetwork.filter((name) => name !== "trace a process") : ofNetwork;
  const skipped = network === "enabled" ? works : [];
  const argv = ["python3", "-c", script, outside, String(server.pid), ...skipped];
  const process = await client.start(
    startParams("attack", argv, { cwd: pathToFileUrl(workspace), sandbox }),
  );
  const { stdout, stderr } = await collect(process);
  client.close();
  assert.equal(textOf(stderr), "");
  const results: Record<string, string> = JSON.parse(textOf(stdout));
  assert.ok(Object.keys(results).length > 30);
  const worked = Object.entries(results).filter(([, result]) => result === "worked").map(([name]) => name);
  assert.deepEqual(worked, []);
  // What is outside of it says the same.
  assert.equal(existsSync(join(outside, "made")), false);
  assert.equal(Deno.readTextFileSync(join(workspace, ".git/config")), "kept\n");
  assert.deepEqual(lstatSync(join(outside, "file")).nlink, 1);
  const names = [...Deno.readDirSync(workspace)].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => [".aws", ".codex", ".agents"].includes(name)), []);
}

for (const { name, isThere, args } of mechanisms) {
  for (const [whose, uid] of [["this user's", Deno.uid()!], ["an ordinary user's", ordinaryUser]] as const) {
    for (const network of ["restricted", "enabled"] as const) {
      Deno.test({
        name: `no attack on a sandbox of ${whose} server works, with its network ${network}, by ${name}`,
        ignore: !isThere || (uid === ordinaryUser && (Deno.uid() !== 0 || serverRuntime() === "binary")),
        fn: () => attempt(uid, network, args),
      });
    }
  }
}
