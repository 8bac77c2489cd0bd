/** What an idle server does with the memory that it needed while it was busy. */
import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import { collect, openClient, startParams } from "../support/client.ts";
import { residentMiB, until, untilSteady } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

const MiB = 1024 * 1024;

Deno.test("an idle server gives memory back, and what it retains can still be read", async () => {
  await using server = await startServer();
  const client = await openClient(server.url);
  const atRest = await untilSteady(() => residentMiB(server.pid));
  const script = "yes 0123456789abcde | head -c 4000000";
  const ids = Array.from({ length: 80 }, (_, i) => `flood-${i}`);
  const outcomes = await Promise.all(
    ids.map(async (id) => await collect(await client.start(startParams(id, ["sh", "-c", script])))),
  );
  // It retains 80 MiB, but needs less than that to do so.
  await until("the server is about as small as at first", () => residentMiB(server.pid) < atRest + 60);
  const expected = outcomes[0]!.stdout.subarray(-MiB / 2);
  assert.equal(outcomes[0]!.stdout.length, 4_000_000);
  for (const id of ids) {
    const { chunks } = await client.call("process/read", { processId: id });
    assert.deepEqual(concat(chunks.map(({ chunk }) => chunk)).subarray(-MiB / 2), expected);
  }
  client.close();
});

Deno.test("clients that ask for large files and do not read cost a bounded amount together", async () => {
  await using folder = new TempFolder();
  const large = await folder.write("large", "");
  await Deno.truncate(large, 11_000_000);
  await using server = await startServer();
  const before = residentMiB(server.pid);
  const wires = await Promise.all(Array.from({ length: 60 }, () => Wire.open(server.url)));
  const refusals: string[] = [];
  await Promise.all(wires.map(async (wire, i) => {
    await wire.initialize();
    // Half of them read, and so get either the file or a word about where it went.
    if (i % 2) wire.pause();
    const answer = wire.request("fs/readFile", { path: `file://${large}` });
    if (i % 2) return;
    await answer.then(({ dataBase64 }) => assert.ok(dataBase64.length > 14_000_000), (error) => {
      refusals.push(error.message);
    });
  }));
  for (const refusal of refusals) assert.match(refusal, /can be read in parts with fs\/open/);
  const growth = residentMiB(server.pid) - before;
  assert.ok(growth < 350, `the server grew by ${growth} MiB`);
  for (const wire of wires) wire.cut();
});
