/** A server whose user may have few processes: what it refuses, and that it outlives whoever takes them all. */
import assert from "node:assert/strict";
import { startParams } from "../support/client.ts";
import { untilSteady } from "../support/proc.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

/** The limit is not for root, nor is it one for a user who has other processes. */
const ignore = Deno.build.os !== "linux" || Deno.uid() !== 0;
/** Tasks of the user: the server's threads count too. */
const limit = 80;
/** Nobody else's. */
let user = 70_000 + Deno.pid % 10_000;

/** A server of a user of its own who may have so many processes. */
async function limitedServer(most = limit): Promise<ServerProcess> {
  user++;
  await using started = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  started.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.chmod(folder, 0o777);
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  const script = `ulimit -u ${most} && exec "$@"`;
  const server = await startServer({
    command: ["setpriv", `--reuid=${user}`, "--clear-groups", "bash", "-c", script, "bash", ...serve],
    // What an engine caches, it caches there.
    env: { PATH: "/usr/bin:/bin", HOME: folder, DENO_DIR: `${folder}/deno`, TMPDIR: folder },
  });
  started.defer(async () => void await server.stop());
  const all = started.move();
  return { ...server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

Deno.test("what an engine is told for the server's sake is not for its children, and what a user says stays", async () => {
  const env = { ...Deno.env.toObject(), BUN_JSC_numberOfGCMarkers: "2" };
  await using server = await startServer({ env });
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const envPolicy = {
    inherit: "all" as const,
    ignoreDefaultExcludes: true,
    exclude: [],
    set: {},
    includeOnly: [],
  };
  await wire.request("process/start", startParams("env", ["/usr/bin/env"], { env: {}, envPolicy }));
  let output = "";
  for (;;) {
    const { method, params } = await wire.next(({ params }) => params?.processId === "env");
    if (method === "process/closed") break;
    if (method === "process/output") output += atob(params.chunk);
  }
  const told = output.split("\n").filter((line) => /^(BUN_JSC|EXEC_SERVER_ENGINE|UV_THREADPOOL)/.test(line));
  assert.deepEqual(told, ["BUN_JSC_numberOfGCMarkers=2"]);
});

const shell = (script: string) => ["bash", "-c", script];

async function runs(wire: Wire, processId: string): Promise<void> {
  await wire.request("process/start", startParams(processId, ["echo", "here"]));
  await wire.next(({ method, params }) => method === "process/closed" && params.processId === processId);
}

/** Processes of the server's user. */
function tasks(): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Deno.statSync(`/proc/${name}`).uid === user;
    } catch {
      return false;
    }
  }).length;
}

async function startsUntilRefused(wire: Wire, tty: boolean, most = limit): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i <= most; i++) {
    try {
      await wire.request("process/start", startParams(`${tty} ${i}`, ["sleep", "1000"], { tty }));
      ids.push(`${tty} ${i}`);
    } catch (error) {
      assert.match((error as Error).message, /Resource temporarily unavailable/);
      return ids;
    }
  }
  throw new Error("Nothing was refused");
}

for (const tty of [false, true]) {
  const where = tty ? "on terminals" : "behind pipes";
  Deno.test({
    name: `a full process table refuses starts ${where}, and nothing else`,
    ignore,
    async fn() {
      await using server = await limitedServer();
      using wire = await Wire.open(server.url);
      await wire.initialize();
      const ids = await startsUntilRefused(wire, tty);
      using other = await Wire.open(server.url);
      await other.initialize();
      await other.request("fs/readFile", { path: "file:///etc/hostname" });
      await other.request("fs/readDirectory", { path: "file:///etc" });
      await other.request("fs/writeFile", {
        path: `file:///tmp/exec-server-${user}`,
        dataBase64: btoa("x".repeat(1_000_000)),
      });
      await other.request("fs/remove", { path: `file:///tmp/exec-server-${user}` });
      if (tty) await wire.request("process/screen", { processId: ids[0], format: "text" });
      for (const processId of ids) await wire.request("process/terminate", { processId });
      await runs(other, "later");
      assert.equal((await server.stop()).code, 0);
    },
  });
}

Deno.test({
  name: "a fork bomb in one session leaves the others alone, and is ended",
  ignore,
  async fn() {
    await using server = await limitedServer();
    using wire = await Wire.open(server.url);
    await wire.initialize();
    await wire.request("process/start", startParams("calm", ["cat"], { pipeStdin: true }));
    using bomber = await Wire.open(server.url);
    await bomber.initialize();
    for (let round = 0; round < 3; round++) {
      const bomb = shell("bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 1000");
      await bomber.request("process/start", startParams(`bomb${round}`, bomb));
      await untilSteady(() => tasks() > limit / 2, 500);
      assert.equal((await wire.request("environment/status")).status, "ready");
      const chunk = btoa(`${round}\n`);
      await wire.request("process/write", { processId: "calm", chunk, writeId: `${round}` });
      await wire.next(({ method, params }) => method === "process/output" && params.chunk === chunk);
      // It forks while it is killed: whoever was missed is found the next time.
      for (let i = 0; i < 100 && tasks() > 3; i++) {
        await bomber.request("process/terminate", { processId: `bomb${round}` });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await runs(wire, `after ${round}`);
    }
    assert.equal((await server.stop()).code, 0);
  },
});

Deno.test({
  name: "a server that begins where hardly any processes may be ends at once, or serves",
  ignore,
  async fn() {
    const serving: number[] = [];
    for (const most of [1, 8, 12, 16, 20, 24, 28, 32, 36, 40]) {
      await using server = await limitedServer(most).catch((error) => {
        assert.match(error.message, /printed no URL/);
        return undefined;
      });
      if (!server) continue;
      serving.push(most);
      using wire = await Wire.open(server.url);
      await wire.initialize();
      for (const tty of [false, true]) await startsUntilRefused(wire, tty, most);
      await wire.request("fs/readDirectory", { path: "file:///etc" });
      using other = await Wire.open(server.url);
      await other.initialize();
      await other.request("fs/readFile", { path: "file:///etc/hostname" });
      assert.equal((await server.stop()).code, 0);
    }
    assert.ok(!serving.includes(1) && serving.includes(40), `${serving}`);
  },
});
