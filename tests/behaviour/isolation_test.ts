/** `serve --isolate-sessions`: clients with other credentials have no part in each other's processes. */
import assert from "node:assert/strict";
import { openClient, startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

Deno.test("clients share their processes with those of the same token only", async () => {
  await using folder = new TempFolder();
  const tokens = await folder.write("tokens", "one role=full\nother role=full\n");
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", tokens];
  await using server = await startServer({ args: [...auth, "--isolate-sessions"] });
  const open = (token: string) => openClient(server.url, { token });
  await using owner = await open("one");
  await owner.start(startParams("p", ["sleep", "1000"], { name: "mine" }));
  await owner.start(startParams("left", ["sleep", "1000"], { lifetime: "server" }));
  await owner.call("process/detach", { processId: "left" });
  await using again = await open("one");
  const { processes } = await again.call("process/listAll", {});
  assert.equal(processes!.length, 2);
  await using other = await open("other");
  assert.deepEqual((await other.call("process/listAll", {})).processes, []);
  for (const { handle } of processes!) {
    await assert.rejects(other.attach({ processId: "o", handle }), /unknown process handle/);
    await assert.rejects(other.adopt({ processId: "o", handle }), /unknown process handle/);
  }
  const [left, mine] = processes!.toSorted((a, b) => Number(b.owner === null) - Number(a.owner === null));
  await again.attach({ processId: "a", handle: mine!.handle });
  await again.adopt({ processId: "b", handle: left!.handle });

  using stranger = await Wire.open(server.url, { headers: { Authorization: "Bearer other" } });
  const resumeSessionId = owner.sessionId;
  await assert.rejects(
    stranger.request("initialize", { clientName: "stranger", resumeSessionId }),
    /unknown session id/,
  );
});

Deno.test("without credentials there is nothing to part clients by, and without the flag they share", async () => {
  const refused = await runCommand(["serve", "--isolate-sessions"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--isolate-sessions parts clients by their credentials: it needs --ws-auth/);
  await using folder = new TempFolder();
  const tokens = await folder.write("tokens", "one role=full\nother role=full\n");
  await using server = await startServer({
    args: ["--ws-auth", "capability-token", "--ws-token-file", tokens],
  });
  await using owner = await openClient(server.url, { token: "one" });
  await owner.start(startParams("p", ["sleep", "1000"]));
  await using other = await openClient(server.url, { token: "other" });
  assert.equal((await other.call("process/listAll", {})).processes!.length, 1);
});
