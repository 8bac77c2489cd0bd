/**
 * What docs/compatibility.md says of differences that no vector shows: seen on the server under test and on the
 * reference server, so that the page stays true of both.
 */
import assert from "node:assert/strict";
import { startParams } from "../support/client.ts";
import { referenceServer } from "../support/reference_server.ts";
import { type ServerOptions, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

/** An initialized connection to a server of its own. */
async function connect(options: ServerOptions): Promise<{ wire: Wire } & AsyncDisposable> {
  const server = await startServer(options);
  const wire = await Wire.open(server.url);
  await wire.initialize();
  return {
    wire,
    async [Symbol.asyncDispose]() {
      wire.cut();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a frame above 16 MiB is taken here, and ends a connection there", async () => {
  const message = JSON.stringify({ id: 7, method: "environment/status", padding: "x".repeat(17 * 2 ** 20) });
  await using here = await connect({});
  await here.wire.send(JSON.parse(message));
  assert.deepEqual((await here.wire.next(({ id }) => id === 7)).result, { status: "ready" });
  await using there = await connect(referenceServer());
  await there.wire.sendFrame(message).catch(() => {});
  await assert.rejects(there.wire.next(({ id }) => id === 7));
});

Deno.test("a read that waits holds no start up here, and does there", async () => {
  const order = async (options: ServerOptions) => {
    await using connected = await connect(options);
    const { wire } = connected;
    await wire.request("process/start", startParams("a", ["sleep", "30"]));
    const answers: string[] = [];
    const read = wire.request("process/read", { processId: "a", waitMs: 1_500 }).then(() =>
      answers.push("read")
    );
    const start = wire.request("process/start", startParams("b", ["true"])).then(() => answers.push("start"));
    await Promise.all([read, start]);
    await wire.request("process/terminate", { processId: "a" });
    return answers;
  };
  assert.deepEqual(await order({}), ["start", "read"]);
  assert.deepEqual(await order(referenceServer()), ["read", "start"]);
});
