import { deadline } from "@std/async/deadline";
import assert from "node:assert/strict";
import { SHUTDOWN_MS } from "../../src/limits.ts";
import { isAlive, pidsWith, until } from "../support/proc.ts";
import { nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

/** A variable by which the descendants of one server's processes are known. */
function newMark(): { env: Record<string, string>; members: () => number[] } {
  const mark = crypto.randomUUID();
  return { env: { PATH: "/usr/bin:/bin", MARK: mark }, members: () => pidsWith(`MARK=${mark}`) };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends every process of every session, attached or not, and then the server`, async () => {
    await using server = await startServer();
    const { env, members } = newMark();
    const wires: Wire[] = [];
    for (let i = 0; i < 4; i++) {
      const wire = await Wire.open(server.url);
      wires.push(wire);
      await wire.initialize();
      for (
        const [id, script] of [
          ["stubborn", "trap '' TERM INT HUP; sleep 1000 & wait"],
          ["jobs", "set -m; sleep 1000 & sleep 1000 & wait"],
          ["flood", "yes"],
          ["deaf", "sleep 1000"],
          ["ended", "true"],
        ] as const
      ) {
        await wire.request(
          "process/start",
          startParams(id, ["bash", "-c", script], { env, pipeStdin: true }),
        );
      }
      void wire.request("process/write", {
        processId: "deaf",
        chunk: new Uint8Array(3_000_000).toBase64(),
        writeId: "1",
      });
      void wire.request("process/read", { processId: "deaf", waitMs: 1_000_000 });
    }
    wires[0]!.cut();
    wires[1]!.pause();
    await until("everybody runs", () => members().length >= 4 * 7);
    const pids = members();
    const { code, success } = await server.stop(signal);
    assert.deepEqual([code, success], [0, true]);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(members(), []);
    for (const wire of wires) {
      wire.resume();
      await wire.closed;
    }
  });
}

Deno.test("a client that keeps starting processes leaves none behind when the server stops", async () => {
  await using server = await startServer();
  const { env, members } = newMark();
  using wire = await Wire.open(server.url);
  await wire.initialize();
  using late = await Wire.open(server.url);
  let started = 0;
  let over = false;
  wire.closed.then(() => over = true);
  const starting = (async () => {
    while (!over) {
      const answers = Array.from(
        { length: 10 },
        () =>
          wire.request("process/start", startParams(`p${++started}`, ["sleep", "1000"], { env })).catch(
            () => {},
          ),
      );
      await Promise.race([Promise.all(answers), wire.closed]);
    }
  })();
  await until("some run", () => started > 50);
  const stopped = server.stop();
  // A session that begins while the server stops must not outlive it either.
  await late.initialize().then(
    () => late.request("process/start", startParams("late", ["sleep", "1000"], { env })),
  ).catch(() => {});
  assert.equal((await stopped).code, 0);
  await starting;
  assert.deepEqual(members(), []);
});

Deno.test("a killed server's sessions are gone, and a new one knows nothing of them", async () => {
  const first = await startServer();
  const wire = await Wire.open(first.url);
  const session = await wire.initialize();
  await first.stop("SIGKILL");
  await wire.closed;
  await using second = await startServer();
  using other = await Wire.open(second.url);
  await assert.rejects(other.initialize(session), { code: -32600 });
});

/** A program that has taken the rights of its owner, as `sudo` does: prints its pid, and goes on. */
const privileged = "$< = $> = 0; $| = 1; print qq($$\\n); sleep 1000";

Deno.test({
  name: "a process that the server may not kill keeps neither the server nor any other process",
  ignore: !canGainRights() || !isInstalled("perl") || !isInstalled("setpriv"),
  async fn() {
    await using folder = new TempFolder();
    await Deno.copyFile("/usr/bin/perl", `${folder.path}/perl`);
    await Deno.chmod(`${folder.path}/perl`, 0o4755);
    await Deno.chmod(folder.path, 0o777);
    await using server = await startServer({
      command: ["setpriv", "--reuid=65534", "--clear-groups", ...serverCommand(), "serve"],
      env: { PATH: Deno.env.get("PATH")!, HOME: folder.path, DENO_DIR: `${folder.path}/cache` },
    });
    await using client = await openClient(server.url);
    const pids: number[] = [];
    const argvs = [[`${folder.path}/perl`, "-e", privileged], ["sh", "-c", "echo $$; exec sleep 1000"]];
    for (const [index, argv] of argvs.entries()) {
      const events = (await client.start(startParams(String(index), argv)))[Symbol.asyncIterator]();
      pids.push(Number(textOf((await nextEvent(events, "output")).bytes)));
    }
    const [stubborn, own] = pids as [number, number];
    try {
      await assert.rejects(client.call("process/terminate", { processId: "0" }), {
        code: -32600,
        message: "Operation not permitted (os error 1)",
      });
      assert.equal((await server.stop()).code, 0);
      assert.match(server.stderr(), /ERROR processes left behind .*Cannot kill 1 of 2 processes: .*EPERM/);
      assert.deepEqual([isAlive(stubborn), isAlive(own)], [true, false]);
    } finally {
      Deno.kill(stubborn, "SIGKILL");
    }
  },
});

/** Whether a program whose owner is root, and that is marked so, may be made here and takes its owner's rights. */
function canGainRights(): boolean {
  return Deno.uid() === 0 && !/^NoNewPrivs:\s+1$/m.test(Deno.readTextFileSync("/proc/self/status"));
}

function isInstalled(program: string): boolean {
  try {
    return Deno.statSync(`/usr/bin/${program}`).isFile;
  } catch {
    return false;
  }
}

Deno.test("peers that sent nothing, or half of something, do not keep a server from ending", async () => {
  await using server = await startServer();
  const { hostname, port } = new URL(server.url);
  const handshake =
    `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  const texts = ["", "GET / HTT", handshake, `${handshake}Sec-WebSocket-Version: 13\r\n`];
  const peers = await Promise.all(texts.map(async (text) => {
    const peer = await Deno.connect({ hostname, port: Number(port) });
    await peer.write(new TextEncoder().encode(text));
    return peer;
  }));
  try {
    // The server has taken them once it answers somebody who came later.
    using wire = await Wire.open(server.url);
    await wire.initialize();
    assert.equal((await deadline(server.stop(), SHUTDOWN_MS * 5)).code, 0);
  } finally {
    for (const peer of peers) peer.close();
  }
});
