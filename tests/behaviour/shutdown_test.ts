import assert from "node:assert/strict";
import { isAlive, pidsWith, until } from "../support/proc.ts";
import { startParams } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
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
