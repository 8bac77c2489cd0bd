/** The end of a program on a terminal. */
import assert from "node:assert/strict";
import { bytesOf, collect, openClient, startParams } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";

const programs: [string[], number][] = [
  [["echo", "hi"], 4],
  [["sh", "-c", "sleep 0.01; echo hi"], 4],
  [["seq", "1", "3000"], 16_893],
  [["sh", "-c", "head -c 40000 /dev/zero | tr '\\0' a"], 40_000],
];

Deno.test("what a program writes on its terminal is told before its exit", async () => {
  await using server = await startServer();
  const client = await openClient(server.url);
  for (const [argv, length] of programs) {
    for (let i = 0; i < 30; i++) {
      const { events } = await collect(await client.start(startParams(`${argv} ${i}`, argv, { tty: true })));
      assert.deepEqual(events.slice(-2).map(({ kind }) => kind), ["exited", "closed"], argv.join(" "));
      assert.equal(bytesOf(events, "pty").length, length);
    }
  }
  client.close();
});
