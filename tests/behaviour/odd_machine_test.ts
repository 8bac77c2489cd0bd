/** Servers on machines that do not tell everything of themselves: each fact that cannot be told is left out alone. */
import assert from "node:assert/strict";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { serverCommand, type ServerProcess, serverRuntime, startServer } from "../support/server_process.ts";

let folder: string;
Deno.test.beforeAll(() => void (folder = Deno.makeTempDirSync()));
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

/** Starts a server by a script in which `"$@"` is its command. */
async function startBy(script: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const command = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  return await startServer({
    command: ["sh", "-c", script, "sh", ...command],
    env: { PATH: Deno.env.get("PATH")!, HOME: "/root", ...cacheFolder(), ...env },
    // What Bun keeps it keeps below HOME, be that relative.
    cwd: folder,
  });
}

/** Where Deno keeps what it has compiled: it looks for it below HOME otherwise. */
function cacheFolder(): Record<string, string> {
  return serverRuntime() === "deno" ? { DENO_DIR: Deno.env.get("DENO_DIR") ?? "/tmp/exec-server-deno" } : {};
}

async function told(server: ServerProcess) {
  const client = await openClient(server.url);
  try {
    const { stdout } = await collect(await client.start(startParams("p", ["echo", "hi"])));
    assert.equal(textOf(stdout), "hi\n");
    return client.environmentInfo;
  } finally {
    client.close();
  }
}

const variables: [string, string, "userHomeDir" | "tempDir" | undefined, object][] = [
  ["HOME that is a ~ no shell has read", "HOME='~'", "userHomeDir", { tempDir: "file:///tmp" }],
  ["a relative HOME", "HOME=home/me", "userHomeDir", { tempDir: "file:///tmp" }],
  ["an empty TMPDIR", "TMPDIR=", undefined, { tempDir: "file:///tmp", temporaryDirectories: [] }],
  ["a relative TMPDIR", "TMPDIR=tmp", "tempDir", { temporaryDirectories: [] }],
  ["an absolute TMPDIR", "TMPDIR=/var/tmp", undefined, { temporaryDirectories: ["file:///var/tmp"] }],
];
for (const [what, assignment, absent, rest] of variables) {
  Deno.test(`a server with ${what} serves`, async () => {
    await using server = await startBy(`${assignment} exec "$@"`);
    const info = await told(server);
    assert.match(info.cwd!, /^file:\/\/\//);
    assert.deepEqual({ ...info, ...rest }, info);
    for (const fact of ["userHomeDir", "tempDir"] as const) assert.equal(fact in info, fact !== absent, fact);
  });
}

Deno.test({
  name: "a server of a user without an entry in the user database serves",
  ignore: Deno.uid() !== 0,
  async fn() {
    const folder = Deno.makeTempDirSync();
    Deno.chmodSync(folder, 0o777);
    const own =
      `cd ${folder}; unset HOME; DENO_DIR=${folder}/cache exec setpriv --reuid 54321 --clear-groups "$@"`;
    await using server = await startBy(own);
    const info = await told(server);
    assert.equal(info.userHomeDir, undefined);
    assert.match(info.shell.path, /^\//);
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test("a server whose directory was removed serves, and tells its clients so", async () => {
  const folder = Deno.makeTempDirSync();
  await using server = await startBy(`cd ${folder}; exec "$@"`);
  const before = await openClient(server.url);
  Deno.removeSync(folder);
  const info = await told(server);
  // Only Deno looks anew where it is.
  const cwd = serverRuntime() === "deno" ? null : `file://${folder}`;
  assert.equal(info.cwd, cwd);
  assert.equal((await before.call("environment/info", {})).cwd, cwd);
  before.close();
});

Deno.test({
  name: "a server starts in a directory that was removed",
  // Deno, and what Bun compiled, do not start there themselves.
  ignore: serverRuntime() !== "bun",
  async fn() {
    const folder = Deno.makeTempDirSync();
    await using server = await startBy(`cd ${folder}; rmdir ${folder}; exec "$@"`);
    assert.equal((await told(server)).cwd, null);
  },
});
