/** A server that may open few files: what it refuses, and that it is whole again when there is room. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { startParams } from "../support/client.ts";
import { openFiles, until, untilSteady } from "../support/proc.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

const limit = 64;

/** A server that may have so many descriptors, where it is told to listen. */
async function smallServer(listen = "ws://127.0.0.1:0"): Promise<ServerProcess> {
  const serve = [...serverCommand(), "serve", "--listen", listen];
  return await startServer({ command: ["sh", "-c", `ulimit -n ${limit} && exec "$@"`, "sh", ...serve] });
}

function addressOf(url: string): { path: string } | { host: string; port: number } {
  if (url.startsWith("unix://")) return { path: url.slice("unix://".length) };
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** Asks whether the server is ready; resolves with everything it says until it closes the connection. */
function ask(url: string): Promise<string> {
  return hear(url, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

/**
 * What a server says until it closes the connection. One that refuses it does not wait for a request, and a request
 * behind the end of the connection would have Node drop the answer.
 */
function hear(url: string, request = ""): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(addressOf(url));
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => answer += bytes);
    socket.on("close", () => resolve(answer));
    socket.write(request);
  });
}

/** Connections that say nothing, more than the server can take. */
function flood(url: string): Socket[] {
  return Array.from({ length: limit * 2 }, () => connect(addressOf(url)).on("error", () => {}));
}

async function floodAndLetGo(server: ServerProcess): Promise<void> {
  const sockets = flood(server.url);
  await until("the server says that it has no descriptor", () => /no descriptor left/.test(server.stderr()));
  assert.match(server.stderr(), /ulimit -n/);
  const refused = await hear(server.url);
  assert.match(refused, /^HTTP\/1\.1 503 .*ulimit -n/s);
  for (const socket of sockets) socket.destroy();
  await until("there are some again", () => /descriptors are free again/.test(server.stderr()));
}

Deno.test("a server without descriptors for connections refuses them, and takes them again later", async () => {
  await using server = await smallServer();
  await floodAndLetGo(server);
  assert.match(await ask(server.url), /^HTTP\/1\.1 200 /);
  using wire = await Wire.open(server.url);
  await wire.initialize();
  // And once more: what was opened anew can have the same happen to it.
  const before = server.stderr().length;
  const sockets = flood(server.url);
  await until("it says so again", () => /no descriptor left/.test(server.stderr().slice(before)));
  for (const socket of sockets) socket.destroy();
  await until("there are some again", () => /are free again/.test(server.stderr().slice(before)));
  assert.match(await ask(server.url), /^HTTP\/1\.1 200 /);
  assert.equal((await wire.request("environment/status")).status, "ready");
});

Deno.test("a server on a Unix socket does so too", async () => {
  await using folder = new TempFolder();
  await using server = await smallServer(`unix:${folder.path}/socket`);
  await floodAndLetGo(server);
  assert.match(await ask(server.url), /^HTTP\/1\.1 200 /);
});

Deno.test("a shortage of descriptors that comes and goes is logged once", async () => {
  await using server = await smallServer();
  const sockets = flood(server.url);
  // One goes and two come, so that whenever the server looks, it has a descriptor again and somebody waits for it.
  for (let round = 0; round < 50; round++) {
    sockets.shift()!.destroy();
    for (let i = 0; i < 2; i++) sockets.push(connect(addressOf(server.url)).on("error", () => {}));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  for (const socket of sockets) socket.destroy();
  assert.match(await untilAnswered(server.url), /^HTTP\/1\.1 200 /);
  await until("it says that it is over", () => /are free again\b.*\s$/.test(server.stderr()));
  for (const shortage of server.stderr().split("descriptors are free again").slice(0, -1)) {
    const told = ["no descriptor left", "listener opened anew"].map((line) =>
      shortage.split(line).length - 1
    );
    assert.ok(Math.max(...told) === 1, shortage);
  }
});

/** A server that was short says so to the first who come, until it has looked again. */
async function untilAnswered(url: string): Promise<string> {
  for (;;) {
    const answer = await ask(url);
    if (!answer.startsWith("HTTP/1.1 503 ")) return answer;
  }
}

/** Makes one thing after the other until the server refuses; the refusal names what helps. */
async function untilRefused(make: (number: number) => Promise<unknown>): Promise<number> {
  for (let number = 0; number < limit; number++) {
    try {
      await make(number);
    } catch (error) {
      assert.match((error as Error).message, /^Too many open files \(os error 24\).*`ulimit -n`/);
      return number;
    }
  }
  throw new Error("The server refused nothing");
}

type Make = (wire: Wire, number: number) => Promise<unknown>;

/** What keeps descriptors, and how it is let go. */
const keepers: Record<string, { make: Make; end: Make }> = {
  "process behind pipes": {
    make: (wire, i) => wire.request("process/start", startParams(`pipe${i}`, ["sleep", "1000"])),
    end: (wire, i) => endProcess(wire, `pipe${i}`),
  },
  "process on a terminal": {
    make: (wire, i) =>
      wire.request("process/start", startParams(`tty${i}`, ["sleep", "1000"], { tty: true })),
    end: (wire, i) => endProcess(wire, `tty${i}`),
  },
  "file stream": {
    make: (wire, i) => wire.request("fs/open", { handleId: `${i}`, path: "file:///etc/hostname" }),
    end: (wire, i) => wire.request("fs/close", { handleId: `${i}` }),
  },
};

async function endProcess(wire: Wire, processId: string): Promise<void> {
  await wire.request("process/terminate", { processId });
  await wire.next(({ method, params }) => method === "process/closed" && params.processId === processId);
}

for (const [name, { make, end }] of Object.entries(keepers)) {
  Deno.test(`a ${name} too many is refused, and everything goes on when there is room`, async () => {
    await using server = await smallServer();
    await using folder = new TempFolder();
    const watch = { watchId: "w", path: `file://${folder.path}` };
    using wire = await Wire.open(server.url);
    await wire.initialize();
    const made = await untilRefused((number) => make(wire, number));
    assert.ok(made > 0);
    // Others get in meanwhile, read files, look at screens, and end what runs.
    using other = await Wire.open(server.url);
    await other.initialize();
    await other.request("fs/readFile", { path: "file:///etc/hostname" });
    for (const [what, keeper] of Object.entries(keepers)) {
      await assert.rejects(keeper.make(other, limit), /`ulimit -n`/, what);
    }
    await assert.rejects(other.request("fs/watch", watch), /`ulimit -n`/);
    if (name === "process on a terminal") {
      await wire.request("process/screen", { processId: "tty0", format: "text" });
    }
    for (let number = 0; number < made; number++) await end(wire, number);
    for (const keeper of Object.values(keepers)) {
      await keeper.make(other, limit);
      await keeper.end(other, limit);
    }
    await other.request("fs/watch", watch);
  });
}

Deno.test("a start that fails for want of descriptors leaves none open, the first one neither", async () => {
  await using server = await smallServer();
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const opened = await untilRefused((i) =>
    wire.request("fs/open", { handleId: `${i}`, path: "file:///etc/hostname" })
  );
  const start = (processId: string) => wire.request("process/start", startParams(processId, ["true"]));
  for (let room = 0; room < 4; room++) {
    // What the first try opens for good, such as a thread, the second does not.
    await start("first").catch(() => {});
    await untilSteady(() => openFiles(server.pid));
    const before = openFiles(server.pid);
    for (let i = 0; i < 5; i++) await assert.rejects(start("next"), /Too many open files/);
    assert.equal(await untilSteady(() => openFiles(server.pid)), before);
    if (room > 0) continue;
    await wire.request("fs/close", { handleId: "0" });
    if (await wire.request("fs/open", { handleId: "again", path: "file:///etc/hostname" }).catch(() => 0)) {
      break;
    }
  }
  for (let i = 0; i < opened; i++) await wire.request("fs/close", { handleId: `${i}` });
  await start("last");
  await wire.next(({ method, params }) => method === "process/closed" && params.processId === "last");
});
