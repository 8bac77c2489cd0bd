/** Output on disk that memory has no room for. */
import assert from "node:assert/strict";
import { delay } from "@std/async/delay";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeBase64 } from "../../src/protocol/base64.ts";
import { startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { isAlive, until, untilSteady } from "../support/proc.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire, type WireMessage } from "../support/wire.ts";

async function spooling(folder: string, ...args: string[]): Promise<ServerProcess> {
  return await startServer({ args: ["--spool", folder, ...args] });
}

async function open(server: ServerProcess): Promise<Wire> {
  const wire = await Wire.open(server.url);
  await wire.initialize();
  return wire;
}

/** The spool files below a folder. */
function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith("/owner.json"));
}

const closed = ({ method }: WireMessage) => method === "process/closed";

/** Starts what writes many bytes and leaves it to the server; resolves with its handle once it has closed. */
async function leaveRunning(wire: Wire, script: string): Promise<string> {
  const params = startParams("p", ["sh", "-c", script], { lifetime: "server" });
  await wire.request("process/start", params);
  const { processes: [{ handle }] } = await wire.request("process/listAll", {});
  await wire.request("process/detach", { processId: "p" });
  return handle;
}

/** Waits until the only process there is has closed. */
async function untilClosed(wire: Wire): Promise<void> {
  while (!(await wire.request("process/listAll", {})).processes[0].closed) await delay(50);
}

/** Everything that can be read of a process from an event on. */
async function readAll(wire: Wire, processId: string, afterSeq = 0): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let seq = afterSeq;;) {
    const { chunks, nextSeq } = await wire.request("process/read", {
      processId,
      afterSeq: seq,
      maxBytes: 1_000_000,
    });
    for (const chunk of chunks) {
      assert.ok(chunk.seq > seq);
      seq = chunk.seq;
      parts.push(decodeBase64(chunk.chunk));
    }
    if (chunks.length === 0 || nextSeq <= seq) return parts;
    seq = Math.max(seq, nextSeq - 1);
  }
}

const digest = (parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

Deno.test("everything that a process wrote while nobody was there is read later, byte by byte", async () => {
  await using folder = new TempFolder();
  const spool = join(folder.path, "made", "for it");
  await using server = await spooling(spool);
  const first = await open(server);
  const handle = await leaveRunning(first, "seq 1 3000000; echo end");
  first.cut();
  using second = await open(server);
  await untilClosed(second);
  const { firstSeq } = await second.request("process/adopt", { processId: "mine", handle });
  assert.equal(firstSeq, 1);
  const written = new Deno.Command("sh", { args: ["-c", "seq 1 3000000; echo end"] }).outputSync().stdout;
  assert.equal(digest(await readAll(second, "mine")), digest([written]));
  for (const file of files(spool)) assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(files(spool).length > 0);
});

Deno.test("a process with little output has no file, and a spool leaves nothing behind", async () => {
  await using folder = new TempFolder();
  const server = await spooling(folder.path);
  using wire = await open(server);
  await wire.request("process/start", startParams("p", ["seq", "1000"]));
  await wire.next(closed);
  assert.deepEqual(files(folder.path), []);
  await wire.request("process/start", startParams("q", ["head", "-c", "20000000", "/dev/zero"]));
  await wire.next(closed);
  assert.ok(files(folder.path).length > 0);
  await server[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(folder.path), []);
});

Deno.test("a spool has its bounds: the oldest goes first, and a reader is told from where there is some", async () => {
  await using folder = new TempFolder();
  await using server = await spooling(folder.path, "--spool-bytes", "8000000");
  using wire = await open(server);
  const handle = await leaveRunning(wire, "head -c 40000000 /dev/zero");
  await untilClosed(wire);
  const size = () => files(folder.path).reduce((sum, file) => sum + statSync(file).size, 0);
  const bytes = await untilSteady(size);
  assert.ok(bytes > 4_000_000 && bytes < 12_000_000, `${bytes}`);
  const { firstSeq } = await wire.request("process/adopt", { processId: "mine", handle });
  assert.ok(firstSeq > 1);
  const { chunks } = await wire.request("process/read", { processId: "mine", maxBytes: 1 });
  assert.equal(chunks[0].seq, firstSeq);
});

Deno.test("what a killed server left is removed by the next one, and what a living one has is not", async () => {
  await using folder = new TempFolder();
  const killed = await spooling(folder.path);
  const wire = await open(killed);
  await leaveRunning(wire, "head -c 20000000 /dev/zero");
  await until("there is a file", () => files(folder.path).length > 0);
  const left = readdirSync(folder.path);
  Deno.kill(killed.pid, "SIGKILL");
  await until("it is gone", () => !isAlive(killed.pid));
  await using living = await spooling(folder.path);
  const own = readdirSync(folder.path).filter((name) => !left.includes(name));
  assert.equal(own.length, 1);
  assert.ok(!readdirSync(folder.path).includes(left[0]!));
  await using another = await spooling(folder.path);
  assert.ok(another.url !== living.url && readdirSync(folder.path).includes(own[0]!));
});

Deno.test("what is on disk of a process that has ended goes after some time, and the process stays known", async () => {
  await using folder = new TempFolder();
  await using server = await spooling(folder.path, "--spool-keep", "50ms");
  using wire = await open(server);
  await wire.request("process/start", startParams("p", ["seq", "400000"]));
  await wire.next(closed);
  const script = "seq 400000; echo all >&2; exec sleep 1000";
  await wire.request("process/start", startParams("q", ["sh", "-c", script]));
  await wire.next(({ params }) => params?.processId === "q" && params.stream === "stderr");
  const first = async (processId: string) => {
    const { chunks } = await wire.request("process/read", { processId, maxBytes: 1 });
    return chunks[0].seq;
  };
  while (await first("p") === 1) await delay(5);
  assert.equal(await first("q"), 1);
  await until("only what runs has files", () => files(folder.path).length === 1);
});

Deno.test("a spool that fails holds nobody up, and says so", async () => {
  await using folder = new TempFolder();
  await using server = await spooling(folder.path);
  using wire = await open(server);
  // The folder goes behind the server's back: nothing can be written any more.
  await new Deno.Command("sh", { args: ["-c", `rm -r ${folder.path}/*`] }).output();
  await leaveRunning(wire, "head -c 20000000 /dev/zero; echo done");
  await untilClosed(wire);
  await until("the log says so", () => /ERROR spool ended .*older output is lost/.test(server.stderr()));
});

Deno.test("a spool where nothing can be written is refused at the start", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("file", "");
  const { code, stderr } = await runCommand(["serve", "--listen", "ws://127.0.0.1:0", "--spool", file]);
  assert.equal(code, 2);
  assert.match(stderr, /--spool: cannot write in ".*file": /);
  const alone = await runCommand(["serve", "--listen", "ws://127.0.0.1:0", "--spool-bytes", "5"]);
  assert.match(alone.stderr, /--spool-bytes needs --spool/);
});

Deno.test("a server that cannot listen leaves no folder behind", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  const { code, stderr } = await runCommand(["serve", "--listen", server.url, "--spool", folder.path]);
  assert.notEqual(code, 0);
  assert.match(stderr, /in use/);
  assert.deepEqual(readdirSync(folder.path), []);
});
