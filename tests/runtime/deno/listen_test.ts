import assert from "node:assert/strict";
import { Hono } from "hono";
import { OUTGOING_FRAME_BYTES } from "../../../src/limits.ts";
import { httpRuntime } from "../../../src/runtime/deno/listen.ts";
import { Logger } from "../../../src/observe/logger.ts";
import type { MessageSocket } from "../../../src/transport/message_socket.ts";
import { type Frame, opcodes, Wire } from "../../support/wire.ts";

const silent = new Logger({ level: "off", format: "text", write: () => {} });

/** A listener that hands over the server's end of each connection. */
async function listen() {
  const accepted = Promise.withResolvers<MessageSocket>();
  const app = new Hono();
  app.get("/", httpRuntime.upgrade((socket) => accepted.resolve(socket)));
  const listener = await httpRuntime.listen(app, { address: "127.0.0.1", port: 0 }, silent);
  return {
    url: `ws://127.0.0.1:${listener.port}`,
    accepted: accepted.promise,
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

Deno.test("a large message goes out in frames that every client takes, and arrives as one", async () => {
  await using server = await listen();
  using wire = await Wire.open(server.url);
  const frames: Frame[] = [];
  wire.onFrame = (frame) => frames.push(frame);
  const socket = await server.accepted;
  for (const size of [100, 3_000_000, 20 * 1024 * 1024, 2 * OUTGOING_FRAME_BYTES - 2]) {
    frames.length = 0;
    // Characters of several bytes stand across the cuts.
    const text = "é€".repeat(size / 5);
    socket.send(JSON.stringify({ text }));
    const message = await wire.next() as { text?: string };
    assert.ok(message.text === text, `${size} bytes arrive as they are`);
    assert.ok(frames.every(({ payload }) => payload.length <= OUTGOING_FRAME_BYTES));
    assert.deepEqual(frames.map(({ opcode }) => opcode), [
      opcodes.text,
      ...Array(frames.length - 1).fill(opcodes.continuation),
    ]);
    assert.deepEqual(frames.map(({ fin }) => fin), [...Array(frames.length - 1).fill(false), true]);
  }
});

Deno.test("messages and pings behind a large message do not come between its frames", async () => {
  await using server = await listen();
  using wire = await Wire.open(server.url);
  const kinds: number[] = [];
  wire.onFrame = ({ opcode }) => kinds.push(opcode);
  const socket = await server.accepted;
  socket.send(JSON.stringify("x".repeat(2 * OUTGOING_FRAME_BYTES)));
  socket.ping?.("p");
  socket.send('"last"');
  while (await wire.next() as unknown !== "last");
  assert.deepEqual(kinds, [
    opcodes.text,
    opcodes.continuation,
    opcodes.continuation,
    opcodes.ping,
    opcodes.text,
  ]);
});

Deno.test("a peer that does not answer a close is cut", async () => {
  await using server = await listen();
  const wire = await Wire.open(server.url);
  const socket = await server.accepted;
  const closed = Promise.withResolvers<void>();
  socket.handlers = {
    onMessage: () => {},
    onBinary: () => {},
    onGarbage: () => {},
    onPong: () => {},
    onDrain: () => {},
    onClose: () => closed.resolve(),
  };
  wire.pause();
  socket.close(1002, "bye");
  await closed.promise;
  wire.cut();
});
