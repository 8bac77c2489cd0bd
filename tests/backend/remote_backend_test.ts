import assert from "node:assert/strict";
import { RemoteBackend } from "../../src/backend/remote_backend.ts";
import { ExecServerClient } from "../../src/client/client.ts";
import { RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
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

Deno.test("who asks for events right after the start misses nothing, however much came with the answer", async () => {
  const server = floodingServer();
  await using client = await ExecServerClient.connect(server);
  const child = await new RemoteBackend(client).start({ argv: ["flood"], processId: "p" });
  const events = collect(child.events());
  server.connection.event("exited", outputs + 1);
  server.connection.event("closed", outputs + 2);
  assert.deepEqual(seqs(await events), [1, 2, 3, 4, "exited", "closed"]);
});

Deno.test("who asks for events later does not have everything kept until then", async () => {
  const server = floodingServer();
  await using client = await ExecServerClient.connect(server);
  const child = await new RemoteBackend(client).start({ argv: ["flood"], processId: "p" });
  await new Promise((resolve) => setTimeout(resolve));
  server.connection.event("exited", outputs + 1);
  server.connection.event("closed", outputs + 2);
  assert.deepEqual(seqs(await collect(child.events())), ["gap", 3, 4, "exited", "closed"]);
});
