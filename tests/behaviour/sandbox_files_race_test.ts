/**
 * A process swaps links against directories and files while a client works with files under a policy: whatever comes first,
 * nothing outside is written, made, removed or read.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openClient, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { entry, restricted, rootRead } from "../support/sandbox.ts";
import { serverRuntime } from "../support/server_process.ts";
import { ordinaryUser, serverOfUser } from "../support/user_server.ts";

const swapper = fileURLToPath(new URL("../support/swap_names.py", import.meta.url));
const secret = "nobody is to read this";
/** How often each outcome is waited for: it worked, and it was refused. */
const often = 10;

/** Folders of a user's, not below /tmp: a link there is nobody's to follow. */
function makeFolders(uid: number) {
  const path = Deno.makeTempDirSync({ dir: "/var/tmp" });
  for (const name of ["workspace/d", "outside/victim", "home"]) {
    Deno.mkdirSync(join(path, name), { recursive: true });
  }
  Deno.writeTextFileSync(join(path, "outside/secret"), secret);
  Deno.writeTextFileSync(join(path, "workspace/f"), "mine");
  Deno.symlinkSync("../outside", join(path, "workspace/l"));
  Deno.symlinkSync("../outside/secret", join(path, "workspace/g"));
  if (Deno.uid() === 0) new Deno.Command("chown", { args: ["-R", `${uid}:${uid}`, path] }).outputSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Swaps `d` against `l` and `f` against `g` until it is disposed. */
async function startSwapping(
  workspace: string,
): Promise<AsyncDisposable & { hasEnded(): Promise<boolean> }> {
  const args = [swapper, "d=l", "f=g"];
  const child = new Deno.Command("python3", { args, cwd: workspace, stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  assert.ok(!done, "it swaps");
  // Whoever finds out that it has ended before its time does not wait for outcomes that cannot come.
  const ended = child.status.then(() => true);
  return {
    hasEnded: () => Promise.race([ended, Promise.resolve(false)]),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

/** What is in the folder that is not to be touched. */
function stateOf(folder: string): unknown {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return [
    names,
    [...Deno.readDirSync(join(folder, "victim"))],
    Deno.readTextFileSync(join(folder, "secret")),
  ];
}

async function attack(uid: number, isHidden: boolean): Promise<void> {
  using folders = makeFolders(uid);
  const [workspace, outside] = [join(folders.path, "workspace"), join(folders.path, "outside")];
  await using server = await serverOfUser(uid, join(folders.path, "home"));
  const client = await openClient(server.url);
  const hidden = isHidden ? [entry("none", outside)] : [];
  const sandbox = restricted([rootRead, entry("write", workspace), ...hidden]);
  const untouched = stateOf(outside);
  const uri = (name: string) => pathToFileUrl(join(workspace, name));
  const bytes = { dataBase64: btoa("ours") };
  let round = 0;
  const attempts: Record<string, () => Promise<unknown>> = {
    write: () => client.call("fs/writeFile", { path: uri("d/new"), ...bytes, sandbox }),
    overwrite: () => client.call("fs/writeFile", { path: uri("f"), ...bytes, sandbox }),
    make: () => client.call("fs/createDirectory", { path: uri(`d/made-${round}/deep`), sandbox }),
    remove: () => client.call("fs/remove", { path: uri("d/victim"), force: false, sandbox }),
    copy: () =>
      client.call("fs/copy", {
        sourcePath: uri("kept"),
        destinationPath: uri("d/copy"),
        recursive: false,
        sandbox,
      }),
    open: async () => {
      const handleId = `h${round}`;
      await client.call("fs/open", { handleId, path: uri("d/opened"), mode: "replace", sandbox });
      await client.call("fs/writeBlock", { handleId, offset: 0, chunk: btoa("ours") });
      await client.call("fs/close", { handleId });
    },
    read: async () => {
      const { dataBase64 } = await client.call("fs/readFile", { path: uri("f"), sandbox });
      if (isHidden) assert.notEqual(textOf(dataBase64), secret);
    },
    list: async () => {
      const { entries } = await client.call("fs/readDirectory", { path: uri("d"), sandbox });
      if (isHidden) assert.ok(entries.every(({ fileName }) => fileName !== "secret"));
    },
  };
  await client.call("fs/writeFile", { path: uri("kept"), ...bytes, sandbox });
  await using swapping = await startSwapping(workspace);
  const worked: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const isOver = () =>
    ["write", "overwrite"].every((name) => worked[name]! >= often && refused[name]! >= often);
  for (; !isOver(); round++) {
    assert.equal(await swapping.hasEnded(), false);
    for (const [name, attempt] of Object.entries(attempts)) {
      const outcomes = await attempt().then(() => worked, (error) => {
        assert.match(error.message, /\(os error (2|13|16|17|20|30|39|40)\)$/);
        return refused;
      });
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    assert.deepEqual(stateOf(outside), untouched);
  }
  client.close();
}

for (const [whose, uid] of [["this user's", Deno.uid()!], ["an ordinary user's", ordinaryUser]] as const) {
  for (const [how, isHidden] of [["may be read", false], ["is hidden", true]] as const) {
    Deno.test({
      name: `swapped links lead ${whose} server to nothing that ${how}`,
      ignore: Deno.build.os !== "linux" ||
        (uid !== Deno.uid() && (Deno.uid() !== 0 || serverRuntime() === "binary")),
      fn: () => attack(uid, isHidden),
    });
  }
}
