import assert, { rejects } from "node:assert/strict";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import { stdioServerConnector } from "../../src/machine/stdio_server.ts";
import { ExecServerClient } from "../../src/client/client.ts";
import { CLIENT_QUEUE_LIMIT_BYTES, RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const outputs = 4;

/** A server whose processes write twice what is retained before it answers their start. */
function floodingServer(): ScriptedServer {
  const server = new ScriptedServer();
  const chunk = encodeBase64(new Uint8Array(RETAINED_OUTPUT_BYTES / 2));
  server.answers["process/start"] = ({ params }, connection) => {
    for (let seq = 1; seq <= outputs; seq++) connection.event("output", seq, { chunk });
    return { result: { processId: params.processId, sandboxType: "none" } };
  };
  return server;
}

function seqs(events: readonly ProcessEvent[]): unknown[] {
  return events.map((event) => event.kind === "output" ? event.seq : event.kind);
}

async function collect(events: AsyncIterable<ProcessEvent>): Promise<ProcessEvent[]> {
  const all: ProcessEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

Deno.test("who asks for events first misses nothing, however much came with the answer", async () => {
  const server = floodingServer();
  await using client = await ExecServerClient.connect(server);
  const child = await new RemoteBackend(client).start({ argv: ["flood"], processId: "p" });
  await new Promise((resolve) => setTimeout(resolve));
  const events = collect(child.events());
  server.connection.event("exited", outputs + 1);
  server.connection.event("closed", outputs + 2);
  assert.deepEqual(seqs(await events), [1, 2, 3, 4, "exited", "closed"]);
});

Deno.test("whoever says that a process is not to be waited for does not have everything kept", async () => {
  const server = floodingServer();
  await using client = await ExecServerClient.connect(server);
  const child = await new RemoteBackend(client).start({ argv: ["flood"], processId: "p", lossless: false });
  server.connection.event("exited", outputs + 1);
  server.connection.event("closed", outputs + 2);
  assert.deepEqual(seqs(await collect(child.events())), ["gap", 3, 4, "exited", "closed"]);
});

Deno.test("a flood that nobody reads, of a server that nothing holds up, holds up no answer", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const child = await new RemoteBackend(client).start({ argv: ["flood"], processId: "p" });
  const chunk = encodeBase64(new Uint8Array(1024 * 1024));
  const count = CLIENT_QUEUE_LIMIT_BYTES / (1024 * 1024) + 1;
  for (let seq = 1; seq <= count; seq++) server.connection.event("output", seq, { chunk });
  assert.deepEqual(await client.call("environment/status", null), { status: "ready" });
  assert.equal(server.connection.reading, true);
  server.connection.event("closed", count + 1);
  assert.deepEqual(seqs(await collect(child.events())), ["gap", count, "closed"]);
});

Deno.test("a server command that ends is told with its exit code and the last of its stderr", async () => {
  for (
    const [script, words] of [
      [
        "echo ssh: no route >&2; echo bye >&2; exit 3",
        / \(exit code 3\); its stderr ends: ssh: no route \| bye$/,
      ],
      ["read line; exit 4", / \(exit code 4\)$/],
      ["kill -9 $$", / \(exit code 137\)$/],
    ] as const
  ) {
    const connector = stdioServerConnector({ argv: ["sh", "-c", script] }, host);
    await rejects(ExecServerClient.connect(connector), words);
  }
});

Deno.test("a server command in one text is refused with what to write instead", async () => {
  const connector = stdioServerConnector({ argv: "ssh host serve" as unknown as string[] }, host);
  await rejects(
    ExecServerClient.connect(connector),
    /argv must be an array of strings, such as \["ssh","host","serve"\]/,
  );
});

Deno.test("an option of a connection or a call that means nothing is refused by its name", async () => {
  await rejects(
    ExecServerClient.connect(new ScriptedServer(), { timeout: 5 } as object),
    /^TypeError: connect has no option "timeout"; did you mean connectMs\?$/,
  );
  await using client = await ExecServerClient.connect(new ScriptedServer());
  await rejects(
    client.call("environment/status", null, { timeout: 5 } as object),
    /^TypeError: environment\/status has no option "timeout"; did you mean timeoutMs\?$/,
  );
});
