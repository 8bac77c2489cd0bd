import { thisHost } from "../../src/runtime/this_host.ts";
import assert from "node:assert/strict";
import { KILLED_PROCESSES_MS } from "../../src/limits.ts";
import { Logger } from "../../src/observe/logger.ts";
import { ExecServer } from "../../src/server/server.ts";
import { FakeSpawner } from "../support/fake_child.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { FakeTime } from "../support/fake_time.ts";

Deno.test("a killed process that never ends keeps a server from ending for a while, and no longer", async () => {
  using time = new FakeTime();
  const lines: string[] = [];
  const logger = new Logger({ level: "error", format: "text", write: (line) => lines.push(line) });
  const server = new ExecServer({ host: { ...thisHost, spawner: new FakeSpawner() }, logger });
  const socket = new FakeSocket();
  void server.accept(socket);
  const start = { processId: "p", argv: ["/bin/sh"], cwd: "file:///", env: {}, tty: false };
  for (
    const message of [
      { id: 1, method: "initialize", params: { clientName: "test" } },
      { method: "initialized" },
      { id: 2, method: "process/start", params: start },
    ]
  ) socket.handlers!.onMessage(JSON.stringify(message));
  while (!socket.messages.some(({ id }) => id === 2)) await time.settle();
  let ended = false;
  const stopped = server.stop().then(() => ended = true);
  await time.pass(KILLED_PROCESSES_MS - 1);
  assert.equal(ended, false);
  await time.pass(1);
  assert.equal(ended, true);
  assert.match(lines.join(""), /ERROR processes left behind reason="they were killed and have not ended"/);
  assert.deepEqual(socket.closedWith, { code: 1001, reason: "server stops" });
  await stopped;
});
