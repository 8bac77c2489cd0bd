/** What an idle server does with the memory that it needed while it was busy. */
import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import { collect, openClient, startParams } from "../support/client.ts";
import { residentMiB, until, untilSteady } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";

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
