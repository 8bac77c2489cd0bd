import { strictEqual } from "node:assert/strict";
import { startParams } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

/** Several times what a session knows at once. */
const commands = 20_000;
const atOnce = 16;

Deno.test("a session runs one short command after another, however many they are", async () => {
  await using server = await startServer({ args: ["--log-level", "warn"] });
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const ends = new Map<string, () => void>();
  const failed: number[] = [];
  wire.onNotification = ({ method, params }) => {
    if (method === "process/exited" && params.exitCode !== 0) failed.push(params.exitCode);
    if (method === "process/closed") ends.get(params.processId)!();
  };
  let next = 0;
  let closed = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < commands) {
      const id = String(next++);
      const end = new Promise<void>((resolve) => ends.set(id, resolve));
      await wire.request("process/start", startParams(id, ["/bin/true"]));
      await end;
      ends.delete(id);
      closed++;
    }
  }));
  strictEqual(closed, commands);
  strictEqual(failed.length, 0);
});
