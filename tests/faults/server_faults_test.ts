/** What a fault of the server itself does to those whom it serves: as little as possible. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import { nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { gone, isAlive } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { serverCommand, serverRuntime, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** The pid of a started process that goes on until it is killed. */
async function startLasting(client: Awaited<ReturnType<typeof openClient>>, id: string): Promise<number> {
  const events = (await client.start(startParams(id, ["sh", "-c", "echo $$; exec sleep 1000"])))
    [Symbol.asyncIterator]();
  return Number(textOf((await nextEvent(events, "output")).bytes));
}

Deno.test({
  name: "an error that nobody caught is logged, and every process and connection lives on",
  ignore: serverRuntime() === "binary",
  async fn() {
    const [program, run, ...rest] = serverCommand();
    const preload = fileURLToPath(new URL("throw_on_signal.ts", import.meta.url));
    await using server = await startServer({
      command: [program!, run!, "--preload", preload, ...rest, "serve", "--listen", "ws://127.0.0.1:0"],
    });
    await using client = await openClient(server.url);
    const pid = await startLasting(client, "p");
    Deno.kill(server.pid, "SIGUSR1");
    await until("the error is logged", () => /uncaught error .*a fault in an event/.test(server.stderr()));
    Deno.kill(server.pid, "SIGUSR2");
    await until(
      "the rejection is logged",
      () => /uncaught error .*a fault in a promise/.test(server.stderr()),
    );
    assert.match(server.stderr(), /a fault in a promise" stack="at .*throw_on_signal/);
    assert.ok(isAlive(pid));
    assert.deepEqual((await client.call("process/list", {})).processes.map(({ pid }) => pid), [pid]);
    await using other = await openClient(server.url);
    assert.equal((await other.call("environment/status", {})).status, "ready");
    assert.equal((await server.stop()).code, 0);
    await gone(pid);
  },
});

Deno.test("a file whose answer no text can hold is refused with the way to read it, and ends nobody", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  await using client = await openClient(server.url);
  const pid = await startLasting(client, "p");
  const path = await folder.write("large", "");
  // The text of all of them would be longer than V8 can hold; the last one is as large as a file may be.
  for (const mebibytes of [385, 450, 512]) {
    await Deno.truncate(path, mebibytes * 2 ** 20);
    for (const followSymlinks of [true, false]) {
      await assert.rejects(
        client.call("fs/readFile", { path: formatFileUri(path, "linux"), followSymlinks }),
        {
          code: -32600,
          message:
            /^file is too large to read: limit is \d+ bytes; read it in parts with fs\/open and fs\/readBlock$/,
        },
      );
    }
  }
  assert.deepEqual((await client.call("process/list", {})).processes.map(({ pid }) => pid), [pid]);
  assert.doesNotMatch(server.stderr(), /ERROR/);
});
