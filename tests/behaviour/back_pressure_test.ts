import { deadline } from "@std/async/deadline";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { bytesWritten, isAlive, nameOf, residentMiB, until, untilSteady } from "../support/proc.ts";
import { ProcessRecord } from "../support/process_record.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

const MiB = 1024 * 1024;
/** How much the server may grow for a client or a child that takes nothing: its windows and buffers, and garbage. */
const growthMiB = 32;
/** One repetition of what the children write. */
const pattern = "0123456789abcde\n";

let server: ServerProcess;
let folder: string;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  server = await startServer();
  // The first flood makes the server as large as it gets in ordinary work.
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const ended = closing(wire, "warm-up"); // Its first output may come together with the answer.
  await wire.request("process/start", startParams("warm-up", flood(200 * MiB)));
  await ended;
});

Deno.test.afterAll(async () => {
  await server.stop();
  await Deno.remove(folder, { recursive: true });
});

/** A child that writes so many bytes as fast as they are taken. */
function flood(bytes: number): string[] {
  return ["sh", "-c", `yes 0123456789abcde | head -c ${bytes}`];
}

/** Waits for a process's end, and checks the pattern and the order of everything it writes until then. */
function closing(wire: Wire, processId: string): Promise<{ bytes: number; exitCode: number }> {
  const expected = Buffer.from(pattern.repeat(MiB / pattern.length));
  const ended = Promise.withResolvers<{ bytes: number; exitCode: number }>();
  let bytes = 0;
  let exitCode = NaN;
  let last = 0;
  const take: Wire["onNotification"] = ({ method, params }) => {
    if (params.processId !== processId) return;
    if (params.seq !== ++last) return ended.reject(new Error(`event ${params.seq} in the place of ${last}`));
    if (method === "process/exited") exitCode = params.exitCode;
    if (method === "process/closed") ended.resolve({ bytes, exitCode });
    if (method !== "process/output") return;
    const chunk = Buffer.from(params.chunk, "base64");
    const at = bytes % pattern.length;
    if (!chunk.equals(expected.subarray(at, at + chunk.length))) {
      ended.reject(new Error(`wrong bytes at ${bytes}`));
    }
    bytes += chunk.length;
  };
  wire.onNotification = take;
  wire.closed.then(() => ended.reject(new Error("The connection ended")));
  ended.promise.catch(() => {}); // A test that fails earlier says why itself.
  return ended.promise;
}

/** The pid of the child of a process that writes its flood. */
async function writerOf(wire: Wire, processId: string): Promise<number> {
  const { processes } = await wire.request("process/list");
  const { pid } = processes.find((process: { processId: string }) => process.processId === processId);
  const file = `/proc/${pid}/task/${pid}/children`;
  let found: number | undefined;
  await until("the writer runs", () => {
    const pids = Deno.readTextFileSync(file).trim().split(" ").map(Number);
    found = pids.find((pid) => nameOf(pid) === "head");
    return found !== undefined;
  });
  return found!;
}

Deno.test("a client that stops reading blocks the child, costs next to nothing, and gets every byte later", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const before = residentMiB(server.pid);
  const total = 1024 * MiB;
  const ended = closing(wire, "unread");
  await wire.request("process/start", startParams("unread", flood(total)));
  const writer = await writerOf(wire, "unread");
  wire.pause();
  await untilSteady(() => bytesWritten(writer));
  assert.ok(isAlive(writer) && bytesWritten(writer)! < total, "the child is blocked");

  // The same connection is still heard, although it takes no answers ...
  const mark = join(folder, "mark");
  void wire.request("process/start", startParams("deaf", ["touch", mark]));
  await until("a request of the paused connection is served", () => exists(mark));
  // ... and everybody else is served as ever.
  const other = await openClient(server.url);
  assert.equal(
    textOf((await collect(await other.start(startParams("other", ["echo", "hi"])))).stdout),
    "hi\n",
  );
  assert.deepEqual(await other.call("environment/status", {}), { status: "ready" });
  other.close();

  const growth = residentMiB(server.pid) - before;
  assert.ok(growth < growthMiB, `the server grew by ${growth} MiB`);
  wire.resume();
  assert.deepEqual(await ended, { bytes: total, exitCode: 0 });
});

Deno.test("a client that stops reading can still stop the process", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("stuck", flood(1024 * MiB)));
  const writer = await writerOf(wire, "stuck");
  wire.pause();
  await untilSteady(() => bytesWritten(writer), 100);
  void wire.request("process/terminate", { processId: "stuck" });
  await until("the child is dead", () => !isAlive(writer));
});

Deno.test("a process that ended before anybody read its output holds up no other", async () => {
  const client = await openClient(server.url);
  // More than a client lets lie before it holds the server up, and less than the server has then sent.
  const unread = await client.start(startParams("unread", flood(3 * MiB)));
  await until("it has ended", () => unread.ended);
  assert.ok(unread.log.full);
  const other = await client.start(startParams("other", flood(32 * MiB)));
  assert.equal((await deadline(collect(other), 30_000)).stdout.length, 32 * MiB);
  assert.equal((await collect(unread)).stdout.length, 3 * MiB);
  client.close();
});

Deno.test("a client that asks without end and takes no answers costs next to nothing", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("large", flood(MiB)));
  await wire.next(({ method }) => method === "process/closed");
  const before = residentMiB(server.pid);
  wire.pause();
  const reads = Array.from({ length: 400 }, () => wire.request("process/read", { processId: "large" }));
  const watch = Promise.all(reads.map((read) => read.then(({ chunks }) => assert.ok(chunks.length > 0))));
  const highest = await untilSteady(() => Math.round(residentMiB(server.pid)), 500);
  assert.ok(highest - before < growthMiB * 3, `the server grew from ${before} to ${highest} MiB`);
  wire.resume();
  await watch;
});

Deno.test("a detached session's flood is held up, costs next to nothing, and is there in whole on resume", async () => {
  const record = new ProcessRecord("detached");
  const push = record.push.bind(record);
  const first = await Wire.open(server.url);
  first.onNotification = push;
  const session = await first.initialize();
  const before = residentMiB(server.pid);
  const total = 64 * MiB;
  await first.request("process/start", startParams(record.processId, flood(total)));
  const writer = await writerOf(first, record.processId);
  first.cut();
  await untilSteady(() => bytesWritten(writer));
  assert.ok(isAlive(writer) && bytesWritten(writer)! < total, "the child is blocked");
  const growth = residentMiB(server.pid) - before;
  assert.ok(growth < growthMiB, `the server grew by ${growth} MiB`);

  using second = await Wire.open(server.url);
  second.onNotification = push;
  await second.initialize(session);
  const afterSeq = record.lastSeq;
  record.merge(await second.request("process/read", { processId: record.processId, afterSeq }), afterSeq);
  await record.complete;
  const bytes = Buffer.from(record.bytes("stdout"));
  assert.ok(bytes.equals(Buffer.alloc(total, pattern)), "every byte, in order");
});

Deno.test("a child that does not read its stdin holds up its writer and nobody else", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("deaf", ["sleep", "1000"], { pipeStdin: true }));
  const before = residentMiB(server.pid);
  const chunk = new Uint8Array(256 * 1024).toBase64();
  let accepted = 0;
  let over = false;
  const writing = (async () => {
    // 100 MB, each write when the one before was accepted, as a careful client does.
    for (let id = 0; id < 400 && !over; id++) {
      await wire.request("process/write", { processId: "deaf", chunk, writeId: String(id) });
      accepted += 256 * 1024;
    }
  })();
  await untilSteady(() => accepted);
  assert.ok(accepted < 4 * MiB, `${accepted} bytes were taken`);
  const growth = residentMiB(server.pid) - before;
  assert.ok(growth < growthMiB, `the server grew by ${growth} MiB`);
  assert.deepEqual(await wire.request("environment/status"), { status: "ready" });
  over = true;
  assert.deepEqual(await wire.request("process/terminate", { processId: "deaf" }), { running: true });
  await writing;
});

Deno.test("a client that writes 100 MB ahead of a child is not read any more, and may come back", async () => {
  const first = await Wire.open(server.url);
  const session = await first.initialize();
  await first.request("process/start", startParams("ahead", ["sleep", "1000"], { pipeStdin: true }));
  const before = residentMiB(server.pid);
  const chunk = new Uint8Array(MiB).toBase64();
  let written = 0;
  const writing = (async () => {
    for (let id = 0; id < 100; id++) {
      void first.request("process/write", { processId: "ahead", chunk, writeId: String(id) });
      await first.write(new Uint8Array(0)); // Everything before has left.
      written++;
    }
  })();
  await untilSteady(() => written);
  assert.ok(written < 100, "the server takes only so much");
  const highest = await untilSteady(() => Math.round(residentMiB(server.pid)), 500);
  assert.ok(highest - before < 5 * growthMiB, `the server grew from ${before} to ${highest} MiB`);
  const other = await openClient(server.url);
  assert.equal((await collect(await other.start(startParams("other", ["true"])))).exitCode, 0);
  other.close();

  first.cut();
  await writing;
  const second = await resumeWhenFree(session);
  assert.deepEqual(await second.request("process/terminate", { processId: "ahead" }), { running: true });
  await second.next(({ method }) => method === "process/closed");
  second.cut();
});

/** Resumes a session; the server may see the end of the old connection only a moment later. */
async function resumeWhenFree(session: string): Promise<Wire> {
  const wire = await Wire.open(server.url);
  for (;;) {
    try {
      await wire.initialize(session);
      return wire;
    } catch (error) {
      assert.equal((error as { code?: number }).code, -32010);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
