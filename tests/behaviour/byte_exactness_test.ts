import { concat } from "@std/bytes/concat";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import fc from "fast-check";
import { startParams } from "../support/client.ts";
import { bytesWritten, until, untilSteady } from "../support/proc.ts";
import { ProcessRecord, type ReadAnswer } from "../support/process_record.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

let server: ServerProcess;
let folder: string;
let number = 0;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  server = await startServer();
});

Deno.test.afterAll(async () => {
  await server.stop();
  await Deno.remove(folder, { recursive: true });
});

/** Writes some bytes to one of a child's streams. */
interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** Bytes of every kind, up to larger than a pipe holds. */
const piece: fc.Arbitrary<Piece> = fc.record({
  stream: fc.constantFrom("stdout", "stderr"),
  bytes: fc.oneof(
    { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("é€😀", "\r\n\0\x1b[0m", "\ufeff").map((text) => Buffer.from(text)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 200_000 }),
      )
        .map(([pattern, size]) => Buffer.alloc(size, pattern)),
    },
  ),
});
const pieces = fc.array(piece, { maxLength: 8 });

/** A shell script that writes pieces one by one. With a gate, it waits for a line on stdin before a piece. */
async function scriptOf(pieces: readonly Piece[], gates: readonly number[] = []): Promise<string> {
  const lines = await Promise.all(pieces.map(async ({ stream, bytes }, i) => {
    const file = join(folder, `${++number}`);
    await Deno.writeFile(file, bytes);
    return `${gates.includes(i) ? "read line; " : ""}cat ${file}${stream === "stderr" ? " >&2" : ""}`;
  }));
  return lines.join("\n");
}

function expected(pieces: readonly Piece[], stream: string): Uint8Array {
  return concat(pieces.filter((piece) => piece.stream === stream).map(({ bytes }) => bytes));
}

function assertExact(record: ProcessRecord, pieces: readonly Piece[]): void {
  for (const stream of ["stdout", "stderr"]) {
    assert.ok(
      Buffer.from(record.bytes(stream)).equals(expected(pieces, stream)),
      `${stream} is as it was written`,
    );
  }
}

Deno.test("any bytes in any pieces come out identical as they are pushed", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await fc.assert(
    fc.asyncProperty(pieces, async (pieces) => {
      const record = new ProcessRecord(`push-${++number}`);
      wire.onNotification = (message) => record.push(message);
      await wire.request(
        "process/start",
        startParams(record.processId, ["sh", "-c", await scriptOf(pieces)]),
      );
      await record.complete;
      assertExact(record, pieces);
    }),
    { seed: 21, numRuns: 60 },
  );
});

Deno.test("any bytes come out identical when they are read, whatever the steps", async () => {
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const steps = fc.array(fc.oneof(fc.constantFrom(0, 1, 65_536), fc.integer({ min: 0, max: 400_000 })), {
    minLength: 1,
    maxLength: 5,
  });
  const smaller = pieces.filter((pieces) =>
    pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) < 900_000
  );
  await fc.assert(
    fc.asyncProperty(smaller, steps, async (pieces, steps) => {
      const processId = `read-${++number}`;
      const record = new ProcessRecord(processId);
      await wire.request("process/start", startParams(processId, ["sh", "-c", await scriptOf(pieces)]));
      const bytes: Record<string, Uint8Array[]> = { stdout: [], stderr: [] };
      let last = 0;
      for (let step = 0;; step++) {
        const maxBytes = steps[step % steps.length]!;
        const answer: ReadAnswer = await wire.request("process/read", {
          processId,
          afterSeq: last,
          maxBytes,
          waitMs: 60_000,
        });
        for (const { seq, stream, chunk } of answer.chunks) {
          assert.ok(seq > last, "in order and once");
          last = seq;
          bytes[stream]!.push(Uint8Array.fromBase64(chunk));
        }
        const total = answer.chunks.reduce((sum, { chunk }) => sum + Buffer.byteLength(chunk, "base64"), 0);
        assert.ok(
          total <= maxBytes || answer.chunks.length === 1,
          "no more than was asked for, or one event",
        );
        last = answer.nextSeq - 1;
        if (answer.closed && answer.chunks.length === 0) break;
      }
      for (const stream of ["stdout", "stderr"]) {
        assert.ok(
          Buffer.from(concat(bytes[stream]!)).equals(expected(pieces, stream)),
          `${stream} is as written`,
        );
      }
      record.merge(await wire.request("process/read", { processId }), 0);
      assertExact(record, pieces);
    }),
    { seed: 22, numRuns: 50 },
  );
});

Deno.test("any bytes come out identical though connections are lost in the middle", async () => {
  const gates = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      pieces.filter(({ length }) => length > 1),
      gates,
      fc.boolean(),
      async (pieces, gates, detached) => {
        const record = new ProcessRecord(`cut-${++number}`);
        const push = record.push.bind(record);
        const { processId } = record;
        let wire = await Wire.open(server.url);
        wire.onNotification = push;
        const session = await wire.initialize();
        const open = gates.filter((gate) => gate < pieces.length).sort((a, b) => a - b);
        const params = startParams(processId, ["sh", "-c", await scriptOf(pieces, open)], {
          pipeStdin: true,
        });
        await wire.request("process/start", params);
        for (const gate of open) {
          // The next piece is written about when the connection is lost, or while there is none.
          const write = { processId, chunk: btoa("go\n"), writeId: String(gate) };
          if (detached) await wire.request("process/write", write);
          else void wire.request("process/write", write);
          wire.cut();
          wire = await resume(session, record);
          // A write that was under way may not have arrived; its id makes saying it again harmless.
          await wire.request("process/write", write);
        }
        await record.complete;
        wire.cut();
        assertExact(record, pieces);
        assert.equal(record.exitCode, 0);
      },
    ),
    { seed: 23, numRuns: 40 },
  );
});

/** Takes a session up again and reads what was missed, as a client does. */
async function resume(session: string, record: ProcessRecord): Promise<Wire> {
  for (;;) {
    const wire = await Wire.open(server.url);
    wire.onNotification = (message) => record.push(message);
    const resumed = await wire.initialize(session).then(() => true, (error) => {
      assert.equal(error.code, -32010, "only the old connection may stand in the way, for a moment");
      return false;
    });
    if (!resumed) {
      wire.cut();
      continue;
    }
    const afterSeq = record.lastSeq;
    const { processId } = record;
    record.merge(await wire.request("process/read", { processId, afterSeq, waitMs: 0 }), afterSeq);
    return wire;
  }
}

for (const [stream, command] of [["stdout", "exec seq $0"], ["stderr", "exec seq $0 >&2"]] as const) {
  Deno.test(`a flood on ${stream} survives cuts at any moment: nothing lost, nothing doubled, no gap`, async () => {
    const last = "4000000";
    const { stdout: text } = await new Deno.Command("seq", { args: [last] }).output();
    const record = new ProcessRecord(`flood-${stream}`);
    let wire = await Wire.open(server.url);
    wire.onNotification = (message) => record.push(message);
    const session = await wire.initialize();
    await wire.request("process/start", startParams(record.processId, ["sh", "-c", command, last]));
    const { processes } = await wire.request("process/list");
    const { pid } = processes.find(({ processId }: { processId: string }) => processId === record.processId);
    let done = false;
    record.complete.then(() => done = true);
    const steps = fc.sample(fc.integer({ min: 1, max: 4_000_000 }), { seed: 24, numRuns: 12 });
    let cuts = 0;
    for (const step of steps) {
      const target = record.received + step;
      await until("output flows", () => done || record.received >= target);
      if (done) break;
      if (cuts % 3 === 1) {
        // The connection is full of what is never going to arrive.
        wire.pause();
        await untilSteady(() => bytesWritten(pid), 50);
      }
      wire.cut();
      cuts++;
      wire = await resume(session, record);
      if (cuts % 4 !== 2) continue;
      // Lost again, with the answer to the read on its way.
      wire.pause();
      void wire.request("process/read", { processId: record.processId, afterSeq: record.lastSeq }).catch(
        () => {},
      );
      wire.cut();
      wire = await resume(session, record);
    }
    await record.complete;
    wire.cut();
    assert.ok(cuts >= 2, `${cuts} cuts`);
    assert.equal(record.exitCode, 0);
    assert.ok(Buffer.from(record.bytes(stream)).equals(text), "every byte, once, in order");
  });
}

Deno.test("a client that answers no pings gets every byte too", async () => {
  using wire = await Wire.open(server.url, { answersPings: false });
  const record = new ProcessRecord("no-pongs");
  wire.onNotification = (message) => record.push(message);
  await wire.initialize();
  await wire.request("process/start", startParams(record.processId, ["seq", "1500000"]));
  await record.complete;
  const { stdout: text } = await new Deno.Command("seq", { args: ["1500000"] }).output();
  assert.ok(Buffer.from(record.bytes("stdout")).equals(text));
});
