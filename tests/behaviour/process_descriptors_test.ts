/** Descriptors beyond 2 of a process: streams of its one log, and inputs of their own. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import type { ExecServerClient } from "../../src/client/client.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";
import { openFiles, until } from "../support/proc.ts";
import { hasLandlock, mechanisms, restricted, rootRead } from "../support/sandbox.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

let server: ServerProcess;
let client: ExecServerClient;
let number = 0;

Deno.test.beforeAll(async () => {
  server = await startServer();
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
});

type Start = ParamsSent<"process/start">;
type Descriptors = NonNullable<Start["descriptors"]>;

/** The params of a process with descriptors. */
function params(script: string, descriptors: Descriptors, rest: Partial<Start> = {}): Start {
  return startParams(`descriptors-${++number}`, ["bash", "-c", script], { descriptors, ...rest });
}

async function start(script: string, descriptors: Descriptors, rest: Partial<Start> = {}, of = client) {
  const channel = await of.start(params(script, descriptors, rest));
  const processId = channel.id;
  let writes = 0;
  return {
    processId,
    channel,
    outcome: () => collect(channel),
    write: (fd: number, bytes: Uint8Array | string) => {
      const chunk = Buffer.from(bytes as string).toString("base64");
      return of.call("process/write", { processId, chunk, writeId: String(++writes), fd });
    },
    close: (fd: number) => of.call("process/closeStdin", { processId, fd }),
  };
}

const accepted = { status: "accepted" };

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes of which no stretch is like another. */
function noise(length: number): Buffer {
  const block = new Uint8Array(65_536);
  crypto.getRandomValues(block);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += block.length) {
    new DataView(block.buffer).setUint32(0, at);
    bytes.set(block.subarray(0, Math.min(block.length, length - at)), at);
  }
  return bytes;
}

/** Sends bytes through a process, with some writes under way at once. */
async function through(
  script: string,
  descriptors: Descriptors,
  [to, from]: [number, number],
  bytes: Buffer,
) {
  const process = await start(script, descriptors);
  const part = 1 << 20;
  const writing = (async () => {
    const answers: Promise<unknown>[] = [];
    for (let at = 0; at < bytes.length; at += part) {
      answers.push(process.write(to, bytes.subarray(at, at + part)));
      if (answers.length >= 4) await answers.shift();
    }
    await Promise.all(answers);
    await process.close(to);
  })();
  const hash = createHash("sha256");
  for await (const event of process.channel) {
    if (event.kind === "output" && event.stream === `fd${from}`) hash.update(event.bytes);
  }
  await writing;
  assert.equal(hash.digest("hex"), sha256(bytes));
}

Deno.test("64 KiB and 100 MB go in by one descriptor and come out by another, or by the same", async () => {
  const apart: Descriptors = [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }];
  const both: Descriptors = [{ fd: 5, kind: "duplex" }];
  await through("exec cat <&4 >&3", apart, [4, 3], noise(65_536));
  await through("exec cat <&5 >&5", both, [5, 5], noise(65_536));
  await through("exec cat <&4 >&3", apart, [4, 3], noise(100_000_000));
  await through("exec cat <&5 >&5", both, [5, 5], noise(20_000_000));
});

const scripts = { list: "echo /proc/self/fd/* >&3; read a <&4; read b <&63; echo $a; echo $b >&63" };
const three: Descriptors = [
  { fd: 3, kind: "output" },
  { fd: 63, kind: "duplex" },
  { fd: 4, kind: "input" },
];

/** Starts a process with three descriptors, and looks at what it has. */
async function hasThree(rest: Partial<Start>, of = client): Promise<void> {
  const process = await start(scripts.list, three, rest, of);
  assert.deepEqual(await process.write(4, "to four\n"), accepted);
  assert.deepEqual(await process.write(63, "to the last\n"), accepted);
  const { events, exitCode } = await process.outcome();
  const said = (stream: string) => textOf(bytesOf(events, stream));
  assert.equal(exitCode, 0);
  // The last is the one by which the shell looks.
  const listed = said("fd3").trim().split(" ").map((path) => Number(path.split("/").at(-1)));
  assert.deepEqual(listed.sort((a, b) => a - b).filter((fd) => fd !== 5), [0, 1, 2, 3, 4, 63]);
  assert.equal(said(rest.tty ? "pty" : "stdout").replaceAll("\r", ""), "to four\n");
  assert.equal(said("fd63"), "to the last\n");
}

Deno.test("a process has 0, 1, 2, what it was given, and nothing that its server was given", async () => {
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  const inherits = ["bash", "-c", 'exec 9</dev/null 33>/dev/null 200</dev/null; exec "$@"', "bash", ...serve];
  await using other = await startServer({ command: inherits });
  const own = await openClient(other.url);
  await hasThree({}, own);
  await hasThree({ tty: true }, own);
  own.close();
});

const landlock = { name: "landlock", isThere: hasLandlock, args: ["--sandbox-mechanism", "landlock"] };

for (const { name, isThere, args } of [...mechanisms, landlock]) {
  Deno.test({
    name: `a confined process has descriptors, whichever the start itself needs, by ${name}`,
    ignore: !isThere,
    async fn() {
      await using other = await startServer({ args: [...args] });
      const own = await openClient(other.url);
      const sandbox = restricted([rootRead]);
      await hasThree({ sandbox }, own);
      await hasThree({ sandbox, tty: true }, own);
      const all = Array.from(
        { length: 16 },
        (_, index): Descriptors[number] => ({ fd: 18 - index, kind: "output" }),
      );
      const process = await start("for n in {3..18}; do echo $n >&$n; done", all, { sandbox }, own);
      const { events, exitCode } = await process.outcome();
      assert.equal(exitCode, 0);
      for (const { fd } of all) assert.equal(textOf(bytesOf(events, `fd${fd}`)), `${fd}\n`);
      const missing = { ...params("", all, { sandbox }), argv: ["/nowhere/to/be/found"] };
      await assert.rejects(own.start(missing), { code: -32603, message: /No such file or directory/ });
      own.close();
    },
  });
}

Deno.test("a script without an interpreter of its own has its descriptors, also under limits", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const script = `${folder}/script`;
    await Deno.writeTextFile(script, "read x <&4; echo $x >&3\n", { mode: 0o755 });
    for (const limits of [undefined, { openFiles: 20 }]) {
      const request = params("", [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }], { limits });
      const channel = await client.start({ ...request, argv: [script] });
      const chunk = btoa("words\n");
      await client.call("process/write", { processId: channel.id, writeId: "1", fd: 4, chunk });
      const { events, exitCode } = await collect(channel);
      assert.equal(exitCode, 0);
      assert.equal(textOf(bytesOf(events, "fd3")), "words\n");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("each descriptor ends by itself, in whatever order, and closed comes when all output has ended", async () => {
  const process = await start(
    // A child of its own keeps 5 open after the exit.
    "exec 3>&-; cat <&4 >&5; exec 4<&-; (exec >/dev/null 2>&1; read x <&6; echo late >&5) & exit 7",
    [
      { fd: 3, kind: "output" },
      { fd: 4, kind: "input" },
      { fd: 5, kind: "output" },
      { fd: 6, kind: "duplex" },
    ],
  );
  await process.write(4, "first ");
  await process.close(4);
  assert.deepEqual(await process.write(4, "too late"), accepted, "what it takes no more is dropped");
  const events = process.channel.events({ lossless: true });
  const kinds: string[] = [];
  let text = "";
  for await (const event of events) {
    if (event.kind === "output") text += textOf(event.bytes);
    else kinds.push(event.kind);
    if (event.kind === "exited") await process.write(6, "go\n");
  }
  assert.equal(text, "first late\n");
  assert.deepEqual(kinds, ["exited", "closed"]);
});

Deno.test("who writes to a process that never reads waits for it, and for nobody else", async () => {
  const process = await start("read x; echo $x", [{ fd: 4, kind: "input" }, { fd: 5, kind: "duplex" }], {
    pipeStdin: true,
  });
  const { processId } = process;
  const answered = { 4: 0, 5: 0 };
  const writes: Promise<unknown>[] = [];
  for (const fd of [4, 5] as const) {
    for (let i = 0; i < 5; i++) {
      writes.push(process.write(fd, Buffer.alloc(1 << 20)).then(() => answered[fd]++));
    }
  }
  await client.call("process/list", {});
  assert.ok(answered[4] < 5 && answered[5] < 5, JSON.stringify(answered));
  await client.call("process/write", { processId, chunk: btoa("stdin\n"), writeId: "own" });
  const { stdout, exitCode } = await process.outcome();
  assert.equal(textOf(stdout), "stdin\n");
  assert.equal(exitCode, 0);
  await Promise.all(writes);
});

Deno.test("what cannot be given is refused by name, and leaves nothing behind", async () => {
  const before = openFiles(server.pid);
  const refused = async (descriptors: unknown, message: RegExp, code = -32602) => {
    const start = client.start(params("true", descriptors as Descriptors));
    await assert.rejects(start, { code, message });
  };
  await refused([{ fd: 2, kind: "output" }], /descriptors\.0\.fd" must be from 3 to 63/);
  await refused([{ fd: 64, kind: "output" }], /must be from 3 to 63/);
  await refused([{ fd: 3, kind: "output" }, { fd: 3, kind: "input" }], /each fd once/);
  await refused([{ fd: 3, kind: "both" }], /descriptors\.0\.kind/);
  const many = Array.from({ length: 17 }, (_, index) => ({ fd: 3 + index, kind: "input" }));
  await refused(many, /at most 16 \(PROCESS_DESCRIPTORS\)/);
  const process = await start("read x <&4", [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }]);
  await assert.rejects(process.write(3, "x"), { code: -32600, message: /no descriptor 3 that it reads/ });
  await assert.rejects(process.close(9), { code: -32600, message: /no descriptor 9 that it reads/ });
  await assert.rejects(process.write(1, "x"), { code: -32602, message: /from 3 to 63/ });
  await process.close(4);
  assert.equal((await process.outcome()).exitCode, 1);
  for (let i = 0; i < 5; i++) {
    const missing = {
      ...params("", [{ fd: 3, kind: "duplex" }, { fd: 5, kind: "output" }]),
      argv: ["/nowhere"],
    };
    await assert.rejects(client.start(missing), /No such file/);
  }
  // The runtime has some of its own now and then.
  await until("no descriptor is left", () => openFiles(server.pid) <= before + 3);
});

Deno.test("a server without descriptors refuses the start, and is whole again", async () => {
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  await using small = await startServer({
    command: ["sh", "-c", 'ulimit -n 100 && exec "$@"', "sh", ...serve],
  });
  const own = await openClient(small.url);
  await (await start("true", [{ fd: 3, kind: "duplex" }], {}, own)).outcome();
  const before = openFiles(small.pid);
  const all = Array.from(
    { length: 16 },
    (_, index): Descriptors[number] => ({ fd: 3 + index, kind: "duplex" }),
  );
  const running: Awaited<ReturnType<typeof start>>[] = [];
  const more = async () => {
    for (let i = 0; i < 5; i++) running.push(await start("read x <&3", all, {}, own));
  };
  await assert.rejects(more(), { code: -32603, message: /too many files open.*ulimit -n|descriptors/ });
  const held = openFiles(small.pid);
  await assert.rejects(start("read x <&3", all, {}, own), { message: /too many files open|descriptors/ });
  await until("a start that failed keeps none", () => openFiles(small.pid) <= held + 3);
  for (const process of running) {
    await process.close(3);
    await process.outcome();
  }
  await until("all are closed", () => openFiles(small.pid) <= before + 3);
  await (await start("true", all, {}, own)).outcome();
  own.close();
});

Deno.test("who comes back after a lost connection finds the streams as he left them", async () => {
  const first = await Wire.open(server.url);
  const sessionId = await first.initialize();
  const descriptors: Descriptors = [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }];
  const request = params("cat <&4 >&3; echo end", descriptors);
  const { processId } = request;
  await first.request("process/start", request);
  const sent = noise(300_000);
  const chunks = [sent.subarray(0, 100_000), sent.subarray(100_000)].map((part) => part.toString("base64"));
  await first.request("process/write", { processId, writeId: "1", fd: 4, chunk: chunks[0] });
  await first.next(({ method }) => method === "process/output");
  first.cut();
  using second = await Wire.open(server.url);
  await second.initialize(sessionId);
  // Whether the first was taken is not known: a key says that it is the same.
  for (const [index, chunk] of chunks.entries()) {
    await second.request("process/write", { processId, writeId: String(index + 1), fd: 4, chunk });
  }
  await second.request("process/closeStdin", { processId, fd: 4 });
  await second.next(({ method }) => method === "process/closed");
  const parts: Record<string, Buffer[]> = { fd3: [], stdout: [] };
  for (let afterSeq = 0, closed = false; !closed;) {
    const answer = await second.request("process/read", { processId, afterSeq, maxBytes: 50_000 });
    for (const { stream, chunk } of answer.chunks) parts[stream]!.push(Buffer.from(chunk, "base64"));
    closed = answer.chunks.length === 0 && answer.closed;
    afterSeq = answer.nextSeq - 1;
  }
  assert.equal(sha256(Buffer.concat(parts.fd3!)), sha256(sent));
  assert.equal(Buffer.concat(parts.stdout!).toString(), "end\n");
});

Deno.test("who is attached sees descriptors if he asks, a gap otherwise, and writes to none", async () => {
  const process = await start(
    "read x <&4; echo out; echo three >&3; read x <&4; echo four >&3; echo end",
    [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }],
    { name: `shared-${++number}` },
  );
  using viewer = await Wire.open(server.url);
  await viewer.initialize();
  const { processes } = await viewer.request("process/listAll", {});
  const { handle } = processes.find((other: { processId: string }) => other.processId === process.processId);
  await viewer.request("process/attach", { processId: "plain", handle, role: "control" });
  await viewer.request("process/attach", { processId: "all", handle, descriptors: true });
  await viewer.request("process/keyboard", { processId: "plain", take: true });
  const write = { processId: "plain", writeId: "1", fd: 4, chunk: btoa("x\n") };
  await assert.rejects(viewer.request("process/write", write), /its descriptors are its owner's alone/);
  const closing = viewer.request("process/closeStdin", { processId: "all", fd: 4 });
  await assert.rejects(closing, /its descriptors are its owner's alone/);
  // The keyboard is of no account for them.
  await process.write(4, "x\n");
  await process.write(4, "y\n");
  await process.outcome();
  const seen: Record<string, string[]> = { plain: [], all: [] };
  for (let closed = 0; closed < 2;) {
    const { method, params } = await viewer.next(({ method }) =>
      ["process/output", "process/gap", "process/closed"].includes(method ?? "")
    );
    const { processId, stream, seq, fromSeq = seq, toSeq = seq } = params;
    if (method === "process/closed") closed++;
    else for (let at = fromSeq; at <= toSeq; at++) seen[processId]![at] = stream ?? "gap";
  }
  const text = (of: "plain" | "all") => seen[of]!.join(" ").trim();
  assert.match(text("all"), /fd3/);
  assert.match(text("all"), /stdout/);
  assert.equal(text("plain"), text("all").replaceAll("fd3", "gap"));
  const streams = async (processId: string) => {
    const { chunks } = await viewer.request("process/read", { processId });
    return chunks.map(({ stream }: { stream: string }) => stream);
  };
  const all = text("all").split(" ").filter((stream) => stream !== "");
  assert.deepEqual(await streams("all"), all);
  assert.deepEqual(await streams("plain"), all.filter((stream) => stream !== "fd3"));
});

Deno.test("a screen shows what the terminal shows, and no descriptor", async () => {
  const process = await start(
    "printf shown; printf hidden >&3; printf ' too'; read x <&4",
    [{ fd: 3, kind: "output" }, { fd: 4, kind: "input" }],
    { tty: true },
  );
  const processId = asProcessId(process.processId);
  let text = "";
  const events = process.channel.events({ lossless: true });
  for await (const event of events) {
    if (event.kind === "output") text += textOf(event.bytes);
    if (text.length >= "shownhidden too".length) break;
  }
  const picture = await client.call("process/screen", { processId, format: "text" });
  assert.match(JSON.stringify(picture), /shown too/);
  assert.doesNotMatch(JSON.stringify(picture), /hidden/);
  await client.call("process/terminate", { processId });
});
