import assert from "node:assert/strict";
import {
  ANSWERS_HIGH_WATER_BYTES,
  CONFIRM_AFTER_MS,
  HANDSHAKE_MS,
  PEER_SILENT_PINGS,
  PING_INTERVAL_MS,
  SOCKET_HIGH_WATER_BYTES,
  STDIN_QUEUED_BYTES,
  WAITING_REQUEST_CHARS,
  WAITING_REQUESTS,
} from "../../src/limits.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { ProcessRegistry } from "../../src/process/process_registry.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { AnswerMemory } from "../../src/server/answer_memory.ts";
import { Connection } from "../../src/server/connection.ts";
import { Forwarding } from "../../src/server/forwarding.ts";
import { environmentInfoOf } from "../../src/server/environment_info.ts";
import { Logger } from "../../src/observe/logger.ts";
import type { Session } from "../../src/session/session.ts";
import { SessionRegistry } from "../../src/session/session_registry.ts";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { codexHost } from "../../src/codex/codex_host.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { Screens } from "../../src/screen/screens.ts";
import { FakeSink, FakeSpawner } from "../support/fake_child.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { FakeTime } from "../support/fake_time.ts";

interface SetUpOptions {
  concurrentRequests?: number;
  initialize?: boolean;
  registry?: SessionRegistry;
  logger?: Logger;
  screens?: Screens;
}

const quiet = new Logger({ level: "off", format: "text", write: () => {} });

/** A connection whose client and whose children a test plays. */
function setUp(
  { concurrentRequests = 1, initialize = true, registry: given, logger = quiet, screens = new Screens() }:
    SetUpOptions = {},
) {
  const spawner = new FakeSpawner();
  const processes = new ProcessRegistry(spawner, {});
  const registry = given ?? new SessionRegistry(processes, quiet);
  const sessions: Session[] = [];
  const create = registry.create.bind(registry);
  registry.create = (...args) => sessions[sessions.push(create(...args)) - 1]!;
  const socket = new FakeSocket();
  const connection = new Connection("1", socket, {
    requiresSandbox: false,
    ready: () => undefined,
    sessions: registry,
    processes,
    logger,
    os: "linux",
    environmentInfo: environmentInfoOf(thisHost, {}),
    forwarding: new Forwarding({}, undefined),
    codex: codexHost(thisHost),
    disk: new MachineDisk(),
    environment: {},
    screens,
    recorder: () => Promise.resolve(new Recorder({ logger })),
    concurrentRequests,
    answers: new AnswerMemory(() => 0),
  });
  let id = 0;
  const client = {
    /** Whether requests wait for the client to take answers. */
    isHeldUp: () => socket.bufferedBytes > ANSWERS_HIGH_WATER_BYTES,
    /** Sends a request. Returns its id. */
    call(method: string, params?: unknown): number {
      connection.onMessage(JSON.stringify({ id: ++id, method, params }));
      return id;
    },
    // deno-lint-ignore no-explicit-any
    answer: (id: number): any => socket.messages.find((message) => message.id === id),
    ids: () => socket.messages.flatMap(({ id }) => id === undefined ? [] : [id]),
    start: (processId: string, rest: Record<string, unknown> = {}) =>
      client.call("process/start", {
        processId,
        argv: ["/bin/sh"],
        cwd: "file:///",
        env: {},
        tty: false,
        ...rest,
      }),
  };
  if (initialize) {
    client.call("initialize", { clientName: "test" });
    connection.onMessage('{"method":"initialized"}');
  }
  return { spawner, registry, sessions, socket, connection, client };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("requests are answered in their order", async () => {
  using _time = new FakeTime();
  const { client, connection } = setUp();
  client.start("a", { pipeStdin: true });
  client.call("process/read", { processId: "a" });
  client.call("process/write", { processId: "a", chunk: "AA==", writeId: "1" });
  client.call("environment/status");
  client.call("no/such/method");
  connection.onMessage("garbage");
  client.call("process/list");
  assert.deepEqual(client.ids(), [1, 2, 3, 4, 5, 6, -1, 7]);
  connection.onClose();
  await _time.settle();
});

Deno.test("a read that waits holds nobody up, and is answered when something happens", async () => {
  using time = new FakeTime();
  const { client, connection, spawner } = setUp();
  client.start("a");
  const read = client.call("process/read", { processId: "a", waitMs: 10_000 });
  const status = client.call("environment/status");
  assert.deepEqual([client.answer(read), client.answer(status).result], [undefined, { status: "ready" }]);
  spawner.children[0]!.stdout.give(new Uint8Array([1]));
  await time.settle();
  assert.deepEqual(client.answer(read).result.chunks, [{ seq: 1, stream: "stdout", chunk: "AQ==" }]);
  connection.onClose();
});

Deno.test("an answer to a read is of one moment, however long it waits for its client", async () => {
  using time = new FakeTime();
  const { client, connection, spawner, socket } = setUp();
  client.start("a");
  const child = spawner.children[0]!;
  const polls = [0, 1].map((afterSeq) =>
    client.call("process/read", { processId: "a", afterSeq, waitMs: 10_000 })
  );
  socket.taking = false;
  socket.send(JSON.stringify("x".repeat(ANSWERS_HIGH_WATER_BYTES)));
  child.stdout.give(new Uint8Array([1]));
  await time.settle();
  const read = client.call("process/read", { processId: "a" });
  child.stdout.give(new Uint8Array([2]));
  child.exits({ code: 3 });
  child.endsStreams();
  await time.settle();
  socket.taking = true;
  socket.drain();
  await time.settle();
  const chunks = ["AQ==", "Ag=="].map((chunk, i) => ({ seq: i * 2 + 1, stream: "stdout", chunk }));
  const end = { nextSeq: 5, exited: true, exitCode: 3, closed: true, failure: null, sandboxDenied: false };
  assert.deepEqual(client.answer(polls[0]!).result, { chunks, ...end });
  assert.deepEqual(client.answer(polls[1]!).result, { chunks: chunks.slice(1), ...end });
  assert.deepEqual(client.answer(read).result, { chunks, ...end });
  connection.onClose();
});

Deno.test("a write that a child does not take holds nobody up, and is answered when it is taken", async () => {
  const { client, connection, spawner } = setUp();
  client.start("a", { pipeStdin: true });
  const sink = spawner.children[0]!.stdin as FakeSink;
  sink.open = false;
  const chunk = encodeBase64(new Uint8Array(2_000_000));
  const write = (writeId: string) => client.call("process/write", { processId: "a", chunk, writeId });
  const [first, second] = [write("1"), write("2")];
  const terminate = client.call("process/terminate", { processId: "a" });
  await settle();
  assert.deepEqual(client.answer(first)?.result, { status: "accepted" });
  assert.equal(client.answer(second), undefined);
  assert.deepEqual(client.answer(terminate)?.result, { running: true });
  spawner.children[0]!.exits({ signal: "SIGKILL" });
  spawner.children[0]!.endsStreams();
  await settle();
  assert.deepEqual(client.answer(second)?.result, { status: "accepted" });
  connection.onClose();
});

Deno.test("writes that lost connections left behind do not pile up without end", async () => {
  const { client, connection, spawner, registry, sessions } = setUp();
  client.start("a", { pipeStdin: true });
  (spawner.children[0]!.stdin as FakeSink).open = false;
  const process = sessions[0]!.processes.get(asProcessId("a"))!;
  for (let i = 0; process.queuedInputBytes <= STDIN_QUEUED_BYTES; i++) {
    void process.write(new Uint8Array(8_000_000), `left behind ${i}`);
  }
  const write = client.call("process/write", { processId: "a", chunk: "AA==", writeId: "1" });
  assert.match(client.answer(write).error.message, /bytes wait for process a to read them/);
  connection.onClose();
  spawner.children[0]!.exits();
  spawner.children[0]!.endsStreams();
  await registry.dispose();
});

Deno.test("a client that takes no answers is served only so far, and the rest when it takes them", async () => {
  using time = new FakeTime();
  const { client, connection, spawner, socket } = setUp();
  client.start("a");
  for (let i = 0; i < 16; i++) spawner.children[0]!.stdout.give(new Uint8Array(65_536));
  await time.settle();
  socket.taking = false;
  const reads = Array.from({ length: 100 }, () => client.call("process/read", { processId: "a" }));
  await time.settle();
  const answerBytes = 16 * 65_536 * 4 / 3;
  assert.ok(socket.bufferedBytes < ANSWERS_HIGH_WATER_BYTES + 2 * answerBytes, `${socket.bufferedBytes}`);
  socket.taking = true;
  socket.drain();
  await time.settle();
  assert.deepEqual(client.ids().slice(-100), reads);
  connection.onClose();
});

Deno.test("reads that wait and all come to an end at once are answered as the client takes them", async () => {
  using time = new FakeTime();
  const { client, connection, spawner, socket } = setUp();
  client.start("a");
  const reads = Array.from(
    { length: 500 },
    () => client.call("process/read", { processId: "a", waitMs: 60_000 }),
  );
  socket.taking = false;
  spawner.children[0]!.stdout.give(new Uint8Array(65_536));
  await time.settle();
  assert.ok(socket.bufferedBytes < ANSWERS_HIGH_WATER_BYTES + 200_000, `${socket.bufferedBytes}`);
  socket.taking = true;
  socket.drain();
  await time.settle();
  assert.deepEqual(new Set(client.ids().slice(-500)), new Set(reads));
  connection.onClose();
});

Deno.test("a client that lets its events pile up can still stop the process", async () => {
  using time = new FakeTime();
  const { client, connection, spawner, socket } = setUp();
  client.start("a");
  socket.taking = false;
  for (let i = 0; i < 40; i++) spawner.children[0]!.stdout.give(new Uint8Array(65_536));
  await time.settle();
  assert.ok(socket.bufferedBytes >= SOCKET_HIGH_WATER_BYTES);
  const terminate = client.call("process/terminate", { processId: "a" });
  assert.deepEqual(client.answer(terminate)?.result, { running: true });
  connection.onClose();
  spawner.children[0]!.exits();
  await time.settle();
});

Deno.test("a client that writes far ahead of a child is not read until the child reads", async () => {
  const { client, connection, spawner, socket } = setUp();
  client.start("a", { pipeStdin: true });
  const sink = spawner.children[0]!.stdin as FakeSink;
  sink.open = false;
  const chunk = encodeBase64(new Uint8Array(1_000_000));
  let writes = 0;
  for (; socket.reading && writes < 100; writes++) {
    client.call("process/write", { processId: "a", chunk, writeId: String(writes) });
    await settle();
  }
  assert.ok(writes * chunk.length > WAITING_REQUEST_CHARS && writes < 100, `${writes} writes`);
  sink.open = true;
  for (; sink.heldUp > 0; await settle()) sink.take();
  assert.equal(socket.reading, true);
  assert.equal(client.ids().length, writes + 2);
  connection.onClose();
});

Deno.test("a client that asks far ahead of its answers is not read until it takes them", () => {
  using _time = new FakeTime();
  const { client, connection, socket } = setUp();
  socket.taking = false;
  socket.send("x".repeat(ANSWERS_HIGH_WATER_BYTES));
  for (let i = 0; i < WAITING_REQUESTS - 1; i++) client.call("environment/status");
  assert.equal(socket.reading, true);
  client.call("environment/status");
  assert.equal(socket.reading, false);
  socket.sent.length = 0;
  socket.taking = true;
  socket.drain();
  assert.equal(socket.reading, true);
  assert.equal(client.ids().length, WAITING_REQUESTS);
  connection.onClose();
});

Deno.test("a connection is dropped for a notification it does not know, and serves nothing that follows", async () => {
  using _time = new FakeTime();
  const { client, connection, socket, spawner } = setUp();
  connection.onMessage(JSON.stringify({ method: "ü".repeat(500) }));
  assert.equal(socket.closedWith?.code, 1002);
  assert.match(socket.closedWith!.reason, /^[\x20-\x7e]{1,123}$/, "what fits into a close frame");
  client.start("late");
  connection.onMessage("garbage");
  assert.equal(spawner.children.length, 0);
  assert.deepEqual(client.ids(), [1]);
  connection.onClose();
  await _time.settle();
});

Deno.test("a connection is dropped for an answer that answers nothing, and for initialized before its time", () => {
  using _time = new FakeTime();
  for (const text of ['{"id":1,"result":{}}', '{"id":1,"error":{"code":1,"message":"x"}}']) {
    const { connection, socket } = setUp();
    connection.onMessage(text);
    assert.equal(socket.closedWith?.code, 1002);
    connection.onClose();
  }
  const { connection, socket } = setUp({ initialize: false });
  connection.onMessage('{"method":"initialized"}');
  assert.equal(socket.closedWith?.code, 1002);
  connection.onClose();
});

Deno.test("initialized may be said again, with anything", () => {
  using _time = new FakeTime();
  const { connection, client } = setUp();
  connection.onMessage('{"method":"initialized","params":[5]}');
  const status = client.call("environment/status");
  assert.ok(client.answer(status).result);
  connection.onClose();
});

Deno.test("a message that is no text is answered as malformed, in its turn", () => {
  using _time = new FakeTime();
  const { connection, socket } = setUp();
  connection.onGarbage("the binary message is not UTF-8");
  assert.deepEqual(socket.messages.at(-1), {
    id: -1,
    error: { code: -32600, message: "failed to parse JSON-RPC message: the binary message is not UTF-8" },
  });
  connection.onClose();
});

Deno.test("an answer above what the transport can carry is refused, and the connection lives on", async () => {
  using time = new FakeTime();
  const { client, connection, socket, spawner } = setUp();
  client.start("a");
  spawner.children[0]!.stdout.give(new Uint8Array(10_000));
  await time.settle();
  socket.largestMessageBytes = 1_000;
  const read = client.call("process/read", { processId: "a" });
  assert.equal(client.answer(read).error.code, -32600);
  assert.match(client.answer(read).error.message, /bytes, above the limit of 1000/);
  const status = client.call("environment/status");
  assert.ok(client.answer(status).result);
  connection.onClose();
});

Deno.test("what a transport can carry is counted in bytes, not in characters", async () => {
  using time = new FakeTime();
  const screens = { look: () => Promise.resolve({ lines: ["\u2603".repeat(900)] }) } as unknown as Screens;
  const { client, connection, socket } = setUp({ screens });
  client.start("a");
  socket.largestMessageBytes = 2_000;
  const look = client.call("process/screen", { processId: "a", format: "text" });
  await time.settle();
  assert.match(client.answer(look).error.message, /the answer has 27\d\d bytes, above the limit of 2000/);
  connection.onClose();
});

Deno.test("an error's text is cut, and an id that no answer could carry ends the connection", () => {
  using _time = new FakeTime();
  const { client, connection, socket } = setUp();
  const method = "m".repeat(1_000_000);
  assert.equal(client.answer(client.call(method, {})).error.code, -32601);
  assert.ok(client.answer(client.call(method, {})).error.message.length < 70_000);
  socket.largestMessageBytes = 2_000;
  connection.onMessage(JSON.stringify({ id: "\u2603".repeat(900), method: "environment/status" }));
  assert.deepEqual(socket.closedWith, { code: 1002, reason: "the id is too long to be answered" });
  connection.onClose();
});

/** A logger, and the lines it has written. */
function logged(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    logger: new Logger({ level: "error", format: "text", write: (line) => void lines.push(line) }),
  };
}

Deno.test("an answer that cannot be encoded is an error, and the connection lives on", async () => {
  using time = new FakeTime();
  const { logger, lines } = logged();
  // No JSON has such a number; a text longer than the engine can hold fails in the same place.
  const screens = { look: () => Promise.resolve({ seq: 1n }) } as unknown as Screens;
  const { client, connection } = setUp({ logger, screens });
  client.start("a");
  const look = client.call("process/screen", { processId: "a", format: "text" });
  const status = client.call("environment/status");
  await time.settle();
  assert.deepEqual(client.answer(look).error.code, -32603);
  assert.match(client.answer(look).error.message, /BigInt/);
  assert.ok(client.answer(status).result);
  assert.match(lines.join(""), /ERROR request failed .*BigInt/);
  connection.onClose();
});

Deno.test("a connection on which nothing can be sent is ended in the middle of its messages", async () => {
  using _time = new FakeTime();
  const { logger, lines } = logged();
  const { client, connection, socket } = setUp({ logger });
  socket.send = () => {
    throw new RangeError("Array buffer allocation failed");
  };
  client.call("environment/status");
  assert.equal(socket.terminated, true);
  await connection.closed;
  assert.match(lines.join(""), /ERROR connection failed .*allocation failed/);
});

Deno.test("a connection on which an answer cannot be sent is ended, and its session stays", async () => {
  using time = new FakeTime();
  const { logger, lines } = logged();
  const looked = Promise.withResolvers<never>();
  const screens = { look: () => looked.promise } as unknown as Screens;
  const { client, connection, registry, socket } = setUp({ logger, screens });
  const { sessionId } = client.answer(1).result;
  client.start("a");
  client.call("process/screen", { processId: "a", format: "text" });
  socket.send = () => {
    throw new RangeError("Array buffer allocation failed");
  };
  looked.resolve({} as never);
  await time.settle();
  assert.equal(socket.terminated, true);
  await connection.closed;
  assert.match(lines.join(""), /ERROR connection failed .*allocation failed/);
  assert.equal(registry.resume(sessionId, { probe() {} }).id, sessionId);
});

Deno.test("a connection whose end fails in part lets its session go all the same", async () => {
  using _time = new FakeTime();
  const { logger, lines } = logged();
  const { client, connection, registry, sessions } = setUp({ logger });
  client.start("a");
  sessions[0]!.find(asProcessId("a"))!.subscription.detach = () => {
    throw new Error("a fault");
  };
  connection.onClose();
  await connection.closed;
  assert.match(lines.join(""), /ERROR connection failed .*a fault/);
  assert.ok(registry.resume(client.answer(1).result.sessionId, { probe() {} }));
});

Deno.test("a peer without a sign of life is evicted after some pings, and its session detached", async () => {
  using time = new FakeTime();
  const { connection, socket, registry, client } = setUp();
  const { sessionId } = client.answer(1).result;
  socket.takePings();
  await time.pass(PING_INTERVAL_MS * PEER_SILENT_PINGS);
  assert.equal(socket.terminated, false);
  assert.equal(socket.takePings().length, PEER_SILENT_PINGS);
  await time.pass(PING_INTERVAL_MS);
  assert.equal(socket.terminated, true);
  await connection.closed;
  assert.equal(registry.resume(sessionId, { probe() {} }).id, sessionId);
});

Deno.test("a peer that answers only the newest ping confirms everything before it", async () => {
  using time = new FakeTime();
  const { connection, socket, client, spawner, sessions } = setUp();
  client.start("a");
  const { log } = sessions[0]!.processes.get(asProcessId("a"))!;
  connection.onPong(socket.takePings().at(-1)!);
  for (const ping of [() => time.pass(PING_INTERVAL_MS), () => connection.probe()]) {
    spawner.children[0]!.stdout.give(new Uint8Array(100));
    await time.pass(CONFIRM_AFTER_MS);
    assert.ok(log.heldFrom < log.nextSeq);
    await ping();
    assert.ok(socket.sent.slice(-2).every((sent) => "ping" in sent));
    connection.onPong(socket.takePings().at(-1)!);
    assert.equal(log.heldFrom, log.nextSeq);
  }
  connection.onClose();
});

Deno.test("a pong, a message, and bytes that are taken are signs of life", async () => {
  using time = new FakeTime();
  const { connection, socket, client } = setUp();
  const almost = PING_INTERVAL_MS * PEER_SILENT_PINGS;
  for (
    const sign of [
      () => connection.onPong(""),
      () => void client.call("environment/status"),
      () => connection.onDrain(),
    ]
  ) {
    await time.pass(almost);
    sign();
  }
  await time.pass(almost);
  assert.equal(socket.terminated, false);
  connection.onClose();
  assert.equal(time.pending, 1, "only the detached session waits for its end");
});

Deno.test("a peer that the server itself does not read is not held against it", async () => {
  using time = new FakeTime();
  const { connection, socket, client } = setUp();
  socket.taking = false;
  socket.send("x".repeat(ANSWERS_HIGH_WATER_BYTES));
  for (let i = 0; i < WAITING_REQUESTS; i++) client.call("environment/status");
  assert.equal(socket.reading, false);
  await time.pass(PING_INTERVAL_MS * PEER_SILENT_PINGS * 5);
  assert.equal(socket.terminated, false);
  connection.onClose();
});

Deno.test("a peer that does not begin a session is evicted, however alive it is", async () => {
  using time = new FakeTime();
  const { connection, socket } = setUp({ initialize: false });
  for (let ms = 0; ms <= HANDSHAKE_MS; ms += PING_INTERVAL_MS / 2) {
    connection.onPong("");
    await time.pass(PING_INTERVAL_MS / 2);
  }
  await time.pass(PING_INTERVAL_MS);
  assert.equal(socket.terminated, true);
});

Deno.test("a transport without pings is never taken for dead", async () => {
  using time = new FakeTime();
  const { connection, socket } = setUp();
  socket.ping = undefined;
  await time.pass(PING_INTERVAL_MS * PEER_SILENT_PINGS * 10);
  assert.equal(socket.terminated, false);
  connection.onClose();
});

Deno.test("what a client missed is held until it has received the answer that brings it", async () => {
  using time = new FakeTime();
  const first = setUp();
  const { sessionId } = first.client.answer(1).result;
  first.client.start("a");
  first.spawner.children[0]!.stdout.give(new Uint8Array(100_000));
  await time.settle();
  first.connection.onClose();

  const second = setUp({ registry: first.registry, initialize: false });
  second.client.call("initialize", { clientName: "test", resumeSessionId: sessionId });
  second.connection.onMessage('{"method":"initialized"}');
  const subscription = first.sessions[0]!.find(asProcessId("a"))!.subscription;
  second.socket.pong((payload) => second.connection.onPong(payload));
  assert.equal(subscription.missed, 2);
  second.client.call("process/read", { processId: "a" });
  const answerAt = second.socket.sent.findIndex((item) => "text" in item && item.text.includes('"chunks"'));
  const pingAt = second.socket.sent.findLastIndex((item) => "ping" in item);
  assert.ok(answerAt >= 0 && pingAt > answerAt, "the ping that asks follows the answer");
  second.socket.pong((payload) => second.connection.onPong(payload));
  assert.equal(subscription.missed, 0);
  second.connection.onClose();
});

Deno.test("what arrived before the end of a connection is done, but nothing is started", async () => {
  using time = new FakeTime();
  const { client, connection, socket, spawner } = setUp();
  client.start("a", { pipeStdin: true });
  socket.taking = false; // The client takes no answers, so its requests wait once enough of them lie there.
  while (!client.isHeldUp()) client.call("environment/info");
  client.call("process/closeStdin", { processId: "a" });
  client.start("b");
  const sink = spawner.children[0]!.stdin as FakeSink;
  assert.equal(sink.closed, false);
  connection.onClose();
  await time.settle();
  assert.equal(sink.closed, true);
  assert.equal(spawner.children.length, 1);
});
