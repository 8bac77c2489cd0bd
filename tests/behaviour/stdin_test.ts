import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { ExecServerClient } from "../../src/client/client.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { collect, openClient, type Outcome, startParams, textOf } from "../support/client.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
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

/** A process with a stdin to write to. */
async function start(argv: string[]) {
  const processId = asProcessId(`stdin-${++number}`);
  const channel = await client.start(startParams(processId, argv, { pipeStdin: true }));
  return {
    processId,
    outcome: (): Promise<Outcome> => collect(channel),
    write: (bytes: Uint8Array | string, writeId: string) =>
      client.call("process/write", {
        processId,
        chunk: Buffer.from(bytes as string).toString("base64"),
        writeId,
      }),
    closeStdin: () => client.call("process/closeStdin", { processId }),
    terminate: () => client.call("process/terminate", { processId }),
  };
}

const accepted = { status: "accepted" };

Deno.test("bytes in are bytes out, however they are cut and however large they are", async () => {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 500 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 600_000 }),
      )
        .map(([pattern, size]) => Buffer.alloc(size, pattern)),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 10 }), fc.boolean(), async (writes, waits) => {
      const cat = await start(["cat"]);
      const answers = [];
      for (const [i, bytes] of writes.entries()) {
        const answer = cat.write(bytes, String(i));
        answers.push(answer);
        if (waits) await answer;
      }
      const closed = cat.closeStdin();
      const { stdout, exitCode } = await cat.outcome();
      assert.ok(Buffer.from(stdout).equals(concat(writes)));
      assert.equal(exitCode, 0);
      for (const answer of [...answers, closed]) assert.deepEqual(await answer, accepted);
    }),
    { seed: 31, numRuns: 60 },
  );
});

Deno.test("50 MB go through a child that reads slowly at first", async () => {
  const child = await start(["sh", "-c", "sleep 0.3; exec md5sum"]);
  const part = Buffer.alloc(1_000_000, "0123456789abcdef\n");
  const writing = (async () => {
    for (let i = 0; i < 50; i++) await child.write(part, String(i));
    await child.closeStdin();
  })();
  const { stdout } = await child.outcome();
  await writing;
  const md5 = new Deno.Command("md5sum", { stdin: "piped", stdout: "piped" }).spawn();
  const writer = md5.stdin.getWriter();
  for (let i = 0; i < 50; i++) await writer.write(part);
  await writer.close();
  assert.equal(textOf(stdout), textOf((await md5.output()).stdout));
});

Deno.test("pipelined writes reach the child in their order", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("pipelined", ["cat"], { pipeStdin: true }));
  let text = "";
  for (let i = 0; i < 500; i++) {
    text += `${i} `;
    wire.request("process/write", { processId: "pipelined", chunk: btoa(`${i} `), writeId: String(i) });
  }
  wire.request("process/closeStdin", { processId: "pipelined" });
  let output = "";
  wire.onNotification = ({ params }) => {
    if (params.chunk) output += atob(params.chunk);
  };
  await wire.request("process/read", { processId: "pipelined", afterSeq: 1_000_000, waitMs: 30_000 });
  const { chunks } = await wire.request("process/read", { processId: "pipelined" });
  assert.equal(chunks.map(({ chunk }: { chunk: string }) => atob(chunk)).join(""), text);
});

Deno.test("a repeated write id is acknowledged, and its bytes are dropped", async () => {
  const cat = await start(["cat"]);
  assert.deepEqual(await cat.write("one ", "1"), accepted);
  assert.deepEqual(await cat.write("one ", "1"), accepted);
  assert.deepEqual(await cat.write("other ", "1"), accepted);
  assert.deepEqual(await cat.write("two", "2"), accepted);
  await cat.closeStdin();
  assert.equal(textOf((await cat.outcome()).stdout), "one two");
});

Deno.test("write ids are of one process", async () => {
  const [a, b] = [await start(["cat"]), await start(["cat"])];
  await a.write("a", "1");
  await b.write("b", "1");
  await Promise.all([a.closeStdin(), b.closeStdin()]);
  assert.deepEqual([textOf((await a.outcome()).stdout), textOf((await b.outcome()).stdout)], ["a", "b"]);
});

Deno.test("an empty write is no end of input", async () => {
  const cat = await start(["cat"]);
  assert.deepEqual(await cat.write("", "1"), accepted);
  assert.deepEqual(await cat.write("x", "2"), accepted);
  await cat.closeStdin();
  assert.equal(textOf((await cat.outcome()).stdout), "x");
});

Deno.test("end of input may be told at once, twice, and writes after it are dropped", async () => {
  const cat = await start(["cat"]);
  assert.deepEqual(await cat.closeStdin(), accepted);
  assert.deepEqual(await cat.closeStdin(), accepted);
  assert.deepEqual(await cat.write("late", "1"), accepted);
  assert.equal((await cat.outcome()).stdout.length, 0);
});

Deno.test("writes to a child that has closed its stdin, or ended, are taken and dropped", async () => {
  const deaf = await start(["sh", "-c", "exec 0<&-; echo closed; sleep 0.2"]);
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(await deaf.write(new Uint8Array(100_000), String(i)), accepted);
  }
  const { stdout, exitCode } = await deaf.outcome();
  assert.deepEqual([textOf(stdout), exitCode], ["closed\n", 0]);
  assert.deepEqual(await deaf.write("after", "after"), accepted);
  assert.deepEqual(await deaf.closeStdin(), accepted);
});

Deno.test("a child that ends does not leave a writer waiting", async () => {
  const sleeper = await start(["sleep", "1000"]);
  const writes = Array.from({ length: 40 }, (_, i) => sleeper.write(new Uint8Array(200_000), String(i)));
  await writes[0];
  await sleeper.terminate();
  for (const write of writes) assert.deepEqual(await write, accepted);
  assert.equal((await sleeper.outcome()).exitCode, 137);
});

Deno.test("end of input behind more than the child takes comes when it has taken it", async () => {
  const child = await start(["sh", "-c", "sleep 0.3; wc -c"]);
  const writes = Array.from({ length: 30 }, (_, i) => child.write(new Uint8Array(100_000), String(i)));
  assert.deepEqual(await child.closeStdin(), accepted);
  assert.equal(textOf((await child.outcome()).stdout).trim(), "3000000");
  await Promise.all(writes);
});

Deno.test("a process that was given no stdin has none to write to or to close", async () => {
  const processId = asProcessId("no-stdin");
  const channel = await client.start(startParams(processId, ["sleep", "0.2"]));
  assert.deepEqual(await client.call("process/write", { processId, chunk: "", writeId: "1" }), {
    status: "stdinClosed",
  });
  assert.deepEqual(await client.call("process/closeStdin", { processId }), { status: "stdinClosed" });
  await collect(channel);
  assert.deepEqual(await client.call("process/write", { processId, chunk: "", writeId: "2" }), {
    status: "stdinClosed",
  });
});

Deno.test("one large write arrives whole", async () => {
  const child = await start(["wc", "-c"]);
  await child.write(new Uint8Array(10_000_000), "1");
  await child.closeStdin();
  assert.equal(textOf((await child.outcome()).stdout).trim(), "10000000");
});
