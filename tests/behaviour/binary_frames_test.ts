import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { startParams } from "../support/client.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { opcodes, Wire } from "../support/wire.ts";
import { frame, type FrameParts, fromFrame } from "../support/wire_frames.ts";

let server: ServerProcess;

Deno.test.beforeAll(async () => {
  server = await startServer();
});

Deno.test.afterAll(async () => {
  await server.stop();
});

/** A client that speaks JSON only, and one that has asked for frames. */
async function open(usesFrames: boolean, headers: Record<string, string> = {}): Promise<Wire> {
  const wire = await Wire.open(server.url, { usesFrames, headers });
  await wire.initialize();
  return wire;
}

/** Sends a frame, right or wrong. */
function send(wire: Wire, parts: FrameParts | Uint8Array): Promise<void> {
  return wire.sendFrame(parts instanceof Uint8Array ? parts : frame(parts), { opcode: opcodes.binary });
}

/** Keeps how each output event came. */
function outputsOf(wire: Wire): { readonly binary: number[]; readonly text: number[] } {
  const seqs = { binary: [] as number[], text: [] as number[] };
  wire.onFrame = ({ opcode, payload }) => {
    if (opcode === opcodes.binary) seqs.binary.push((fromFrame(payload).params as { seq: number }).seq);
    else if (Buffer.from(payload).includes('"process/output"')) {
      seqs.text.push(JSON.parse(Buffer.from(payload).toString()).params.seq);
    }
  };
  return seqs;
}

const cat = (id: string) => startParams(id, ["cat"], { pipeStdin: true });

Deno.test("a client that does not ask gets JSON, and one that asks gets frames, of one process at once", async () => {
  using owner = await open(false);
  using viewer = await open(true);
  const seen = [outputsOf(owner), outputsOf(viewer)];
  await owner.request("process/start", { ...cat("p"), name: "shared" });
  const { processes } = await viewer.request("process/listAll", {});
  const { handle } = processes.find(({ name }: { name: string }) => name === "shared");
  await viewer.request("process/attach", { processId: "theirs", handle, role: "view" });
  const chunk = Buffer.from([0, 255, 10, 195, 40]).toString("base64");
  await owner.request("process/write", { processId: "p", chunk, writeId: "1" });
  const [first, second] = await Promise.all([
    owner.next(({ method }) => method === "process/output"),
    viewer.next(({ method }) => method === "process/output"),
  ]);
  assert.deepEqual(first.params, { processId: "p", seq: 1, stream: "stdout", chunk });
  assert.deepEqual(second.params, { ...first.params, processId: "theirs" });
  await owner.request("process/closeStdin", { processId: "p" });
  for (const wire of [owner, viewer]) await wire.next(({ method }) => method === "process/closed");
  assert.deepEqual(seen, [{ binary: [], text: [1] }, { binary: [1], text: [] }]);
});

Deno.test("any name of a process and any bytes go there and back in frames", async () => {
  using wire = await open(true);
  for (const id of ["", "p", '\0\n"\\', "\ufeffé😀", "€".repeat(16_000)]) {
    await wire.request("process/start", cat(id));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await wire.request("process/write", { processId: id, chunk: bytes.toString("base64"), writeId: "w" });
    const { params } = await wire.next(({ method }) => method === "process/output");
    assert.deepEqual(params, { processId: id, seq: 1, stream: "stdout", chunk: bytes.toString("base64") });
    await wire.request("process/terminate", { processId: id });
    await wire.next(({ method }) => method === "process/closed");
  }
});

Deno.test("a write in a frame is refused, and dropped as a repetition, as one in JSON is", async () => {
  using wire = await open(true);
  await wire.request("process/start", cat("p"));
  const write = (id: number, first: string, second: string) =>
    send(wire, { kind: 0x91, first, second, number: id, bytes: Buffer.from("x") });
  await write(101, "nobody", "1");
  assert.deepEqual(await wire.next(), { id: 101, result: { status: "unknownProcess" } });
  await write(102, "p", "");
  const refused = await wire.next();
  assert.deepEqual([refused.id, refused.error?.code], [102, -32602]);
  for (const id of [103, 104]) {
    await write(id, "p", "same");
    assert.deepEqual((await wire.next((message) => message.id === id)).result, { status: "accepted" });
  }
  await wire.request("process/closeStdin", { processId: "p" });
  await wire.next(({ method }) => method === "process/exited");
  const { chunks } = await wire.request("process/read", { processId: "p" });
  assert.deepEqual(chunks.map(({ chunk }: { chunk: string }) => chunk), ["eA=="]);
});

Deno.test("what is no frame is answered like what is no JSON, and the next message is served", async () => {
  using wire = await open(true);
  const good = frame({ kind: 0x91, first: "p", second: "1", number: 9, bytes: Buffer.from("x") });
  const wrong = [
    good.subarray(0, 1),
    good.subarray(0, 23),
    good.subarray(0, 24),
    frame({ kind: 0x80 }),
    frame({ kind: 0xbf, number: 9 }),
    frame({ kind: 0x81, first: "p", number: 1, bytes: Buffer.from("x") }),
    frame({ kind: 0x91, detail: 255, first: "p", second: "1" }),
    frame({ kind: 0x91, first: Buffer.from([0xff]), second: "1" }),
    frame({ kind: 0x91, first: "p", second: "1", number: 2n ** 64n - 1n }),
    Buffer.alloc(70_000, 0x91),
    Buffer.from([0xff, 0xfe]),
    Buffer.alloc(0),
  ];
  for (const message of wrong) {
    await send(wire, message);
    const { id, error } = await wire.next();
    assert.deepEqual([id, error?.code], [-1, -32600]);
    assert.match(error!.message, /^failed to parse JSON-RPC message: /);
  }
  assert.equal((await wire.request("environment/status")).status, "ready");
});

Deno.test("JSON in a binary message is JSON still", async () => {
  using wire = await open(true);
  await send(wire, Buffer.from(' {"id":7,"method":"environment/status"}'));
  assert.deepEqual(await wire.next(), { id: 7, result: { status: "ready" } });
});

Deno.test("a frame of who did not ask is a message that is no text", async () => {
  using wire = await open(false);
  await send(wire, { kind: 0x91, first: "p", second: "1", number: 9, bytes: Buffer.from("x") });
  const { id, error } = await wire.next();
  assert.equal(id, -1);
  assert.match(error!.message, /not UTF-8/);
});

Deno.test("a new connection of a session begins without frames", async () => {
  using first = await Wire.open(server.url, { usesFrames: true });
  const session = await first.initialize();
  await first.request("process/start", cat("p"));
  first.cut();
  using second = await Wire.open(server.url, { usesFrames: false });
  for (;;) {
    try {
      await second.initialize(session);
      break;
    } catch (error) {
      if (!/already attached/.test(String(error))) throw error;
    }
  }
  const seen = outputsOf(second);
  await second.request("process/write", { processId: "p", chunk: "eA==", writeId: "1" });
  await second.next(({ method }) => method === "process/output");
  assert.deepEqual(seen, { binary: [], text: [1] });
});

Deno.test("who may only look on writes by no frame either", async () => {
  await using folder = new TempFolder();
  const token = "view-".padEnd(40, "0");
  const file = await folder.write("tokens", `${token} role=view\n${"full-".padEnd(40, "0")} role=full`);
  await using guarded = await startServer({
    args: ["--ws-auth", "capability-token", "--ws-token-file", file],
  });
  using wire = await Wire.open(guarded.url, {
    usesFrames: true,
    headers: { authorization: `Bearer ${token}` },
  });
  await wire.initialize();
  for (const kind of [0x91, 0x92, 0x93]) {
    await send(wire, { kind, first: "file:///tmp/never", second: kind === 0x91 ? "1" : "", number: kind });
    const { id, error } = await wire.next();
    assert.deepEqual([id, error?.code], [kind, -32600]);
    assert.match(error!.message, /needs the role/);
  }
});

Deno.test("a file goes in frames whole and in blocks, and its errors in JSON", async () => {
  await using folder = new TempFolder();
  using wire = await open(true);
  const kinds: number[] = [];
  wire.onFrame = ({ opcode, payload }) => void (opcode === opcodes.binary && kinds.push(payload[0]!));
  const path = `file://${folder.path}/file`;
  const bytes = Buffer.alloc(300_000, "0123456789abcdef\0\xff", "latin1");
  const dataBase64 = bytes.toString("base64");
  assert.deepEqual(await wire.request("fs/writeFile", { path, dataBase64 }), {});
  assert.equal((await wire.request("fs/readFile", { path })).dataBase64 === dataBase64, true);
  await wire.request("fs/open", { handleId: "h", path, mode: "read" });
  const block = await wire.request("fs/readBlock", { handleId: "h", offset: 299_990, len: 100 });
  assert.deepEqual(block, { chunk: bytes.subarray(299_990).toString("base64"), eof: true });
  // A text for an id is answered in JSON.
  await wire.send({ id: "text", method: "fs/readBlock", params: { handleId: "h", offset: 0, len: 1 } });
  assert.deepEqual(await wire.next(), { id: "text", result: { chunk: "MA==", eof: false } });
  await wire.request("fs/open", { handleId: "w", path, mode: "replace" });
  const far = 2 ** 32 + 5;
  await wire.request("fs/writeBlock", { handleId: "w", offset: far, chunk: "eA==" });
  await wire.request("fs/close", { handleId: "w" });
  assert.equal((await wire.request("fs/getMetadata", { path })).size, far + 1);
  await assert.rejects(wire.request("fs/writeBlock", { handleId: "w", offset: 0, chunk: "eA==" }), {
    code: -32004,
  });
  await assert.rejects(wire.request("fs/readBlock", { handleId: "w", offset: 0, len: 1 }), { code: -32004 });
  assert.deepEqual(kinds, [0x83, 0x82]);
});
