import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { MESSAGE_BYTES } from "../../src/limits.ts";
import type { LineWriterOptions } from "../../src/transport/line_writer.ts";
import { StdioSocket } from "../../src/transport/stdio_socket.ts";

/** A socket, what it wrote, and what happens on it. */
function open(write?: LineWriterOptions["write"]) {
  const input = new PassThrough();
  const written: string[] = [];
  const socket = new StdioSocket(
    input,
    write ?? ((bytes) => {
      written.push(Buffer.from(bytes).toString());
      return Promise.resolve();
    }),
  );
  const happened: string[] = [];
  const closed = Promise.withResolvers<void>();
  socket.handlers = {
    onMessage: (text) => happened.push(text),
    onBinary: () => {},
    onGarbage: (reason) => happened.push(`garbage: ${reason}`),
    onPong: () => {},
    onDrain: () => {},
    onClose: () => {
      happened.push("closed");
      closed.resolve();
    },
  };
  return { input, written, socket, happened, closed: closed.promise };
}

Deno.test("each line is a message; blanks around it are left, blank lines skipped, an unfinished one dropped", async () => {
  const { input, happened, closed } = open();
  input.end('{"a":1}\r\n\n  \n {"b":2} \n{"c"');
  await closed;
  assert.deepEqual(happened.map((text) => text.trim()), ['{"a":1}', '{"b":2}', "closed"]);
});

Deno.test("lines come out the same in whatever pieces they arrive", async () => {
  const line = fc.string({ unit: "grapheme", minLength: 1 }).map((text) => JSON.stringify(text));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      async (lines, cuts) => {
        const { input, happened, closed } = open();
        const bytes = Buffer.from(lines.map((line) => line + "\n").join(""));
        const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        for (const [i, start] of [0, ...at].entries()) {
          input.write(
            Buffer.from(bytes.subarray(start, at[i] ?? bytes.length)),
          );
        }
        input.end();
        await closed;
        assert.deepEqual(happened, [...lines, "closed"]);
      },
    ),
    { seed: 14, numRuns: 100 },
  );
});

Deno.test("a line that is not UTF-8 is garbage, and the next one is read", async () => {
  const { input, happened, closed } = open();
  input.end(Buffer.concat([Buffer.from([0x22, 0xff, 0x22, 0x0a]), Buffer.from("{}\n")]));
  await closed;
  assert.deepEqual(happened, ["garbage: the line is not UTF-8", "{}", "closed"]);
});

Deno.test("a line without end closes it", async () => {
  const { input, happened, closed } = open();
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  for (let bytes = 0; bytes <= MESSAGE_BYTES; bytes += piece.length) input.write(piece);
  await closed;
  assert.deepEqual(happened, ["closed"]);
});

Deno.test("each message is sent as one line, and nothing once it is closed", async () => {
  const { written, socket, happened } = open();
  socket.send('{"a":"é"}');
  socket.close();
  socket.terminate();
  socket.send('{"b":2}');
  await socket.flushed();
  assert.deepEqual(written, ['{"a":"é"}\n']);
  assert.deepEqual(happened, ["closed"]);
});

Deno.test("what nobody takes yet is counted, and everything is taken in order", async () => {
  const taken: string[] = [];
  let go = Promise.withResolvers<void>();
  const { socket } = open(async (bytes) => {
    await go.promise;
    taken.push(Buffer.from(bytes).toString());
  });
  let drained = 0;
  socket.handlers!.onDrain = () => drained++;
  const messages = ["1", "22", "333"];
  for (const message of messages) socket.send(message);
  assert.equal(socket.bufferedBytes, "1\n22\n333\n".length);
  go.resolve();
  await socket.flushed();
  assert.deepEqual([taken.join(""), socket.bufferedBytes], ["1\n22\n333\n", 0]);
  assert.ok(drained > 0);
  go = Promise.withResolvers();
  socket.send("again");
  go.resolve();
  await socket.flushed();
  assert.equal(taken.at(-1), "again\n");
});

Deno.test("a reader that is gone closes it", async () => {
  const { socket, closed, happened } = open(() => Promise.reject(new Error("EPIPE")));
  socket.send("1");
  await closed;
  assert.deepEqual(happened, ["closed"]);
});
