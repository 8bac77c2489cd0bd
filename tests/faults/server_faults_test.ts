/** What a fault of the server itself does to those whom it serves: as little as possible. */
import assert from "node:assert/strict";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import { nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** The pid of a started process that goes on until it is killed. */
async function startLasting(client: Awaited<ReturnType<typeof openClient>>, id: string): Promise<number> {
  const events = (await client.start(startParams(id, ["sh", "-c", "echo $$; exec sleep 1000"])))
    [Symbol.asyncIterator]();
  return Number(textOf((await nextEvent(events, "output")).bytes));
}

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
