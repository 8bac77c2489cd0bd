/** What a server on Deno does without a permission that it would like to have. */
import assert from "node:assert/strict";
import { collect, nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { isAlive, until } from "../support/proc.ts";
import { serverCommand, serverRuntime, startServer } from "../support/server_process.ts";

Deno.test({
  name: "without --allow-ffi commands run behind pipes all the same, and terminals say what they lack",
  ignore: serverRuntime() !== "deno",
  async fn() {
    const [deno, run, ...rest] = serverCommand();
    const command = [deno!, run!, "--deny-ffi", ...rest, "serve", "--listen", "ws://127.0.0.1:0"];
    await using server = await startServer({ command });
    const client = await openClient(server.url);
    const named = startParams("named", ["sh", "-c", 'echo "$0"; exit 3'], { arg0: "other" });
    const plain = startParams("plain", ["sh", "-c", "cat; echo done >&2"], { pipeStdin: true });
    const outcome = await collect(await client.start(named));
    assert.deepEqual([outcome.exitCode, textOf(outcome.stdout)], [3, "other\n"]);
    const channel = await client.start(plain);
    await client.call("process/write", {
      processId: "plain",
      chunk: btoa("hi"),
      writeId: "1",
    });
    await client.call("process/closeStdin", { processId: "plain" });
    const { stdout, stderr } = await collect(channel);
    assert.deepEqual([textOf(stdout), textOf(stderr)], ["hi", "done\n"]);
    const jobs = "set -m; sleep 100 & sleep 100 & echo $$ $(jobs -p); wait";
    const family = await client.start(startParams("family", ["bash", "-c", jobs]));
    const { bytes } = await nextEvent(family[Symbol.asyncIterator](), "output");
    const pids = textOf(bytes).trim().split(" ").map(Number);
    assert.equal(pids.length, 3);
    await client.call("process/terminate", { processId: "family" });
    await until(`all of ${pids} are dead`, () => pids.every((pid) => !isAlive(pid)));
    assert.equal(client.can("processList"), true);
    assert.equal(client.can("processResize"), false);
    await assert.rejects(client.start(startParams("terminal", ["true"], { tty: true })), /--allow-ffi/);
    client.close();
  },
});
