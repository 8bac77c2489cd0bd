import assert from "node:assert/strict";
import {
  CONFIRM_AFTER_MS,
  CONFIRM_EVERY_BYTES,
  FIRST_PONG_MS,
  OUTPUT_CHUNK_BYTES,
  RETAINED_OUTPUT_BYTES,
  SOCKET_HIGH_WATER_BYTES,
  UNCONFIRMED_OUTPUT_BYTES,
} from "../../src/limits.ts";
import { OutputLog } from "../../src/log/output_log.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { Outbox } from "../../src/server/outbox.ts";
import { Subscription, type SubscriptionOptions } from "../../src/session/subscription.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { FakeTime } from "../support/fake_time.ts";

/** A process of which there is only its log, and a client's place in it. */
interface Followed {
  readonly log: OutputLog;
  readonly subscription: Subscription;
}

function followed(name: string, options?: SubscriptionOptions, log = new OutputLog()): Followed {
  return { log, subscription: new Subscription(asProcessId(name), log, options) };
}

/** An outbox that follows processes; their output is appended to their logs directly. */
function follow(socket: FakeSocket, ...names: string[]): { outbox: Outbox; processes: Followed[] } {
  const processes = names.map((name) => followed(name));
  return { outbox: attach(socket, processes), processes };
}

function attach(socket: FakeSocket, processes: Followed[]): Outbox {
  const outbox = new Outbox(socket);
  socket.handlers = {
    onMessage: () => {},
    onBinary: () => {},
    onGarbage: () => {},
    onPong: (payload) => outbox.confirm(payload),
    onDrain: () => outbox.flush(),
    onClose: () => outbox.dispose(),
  };
  outbox.attach(sessionOf(processes));
  return outbox;
}

/** A session whose client is new, or known to answer pings. */
function sessionOf(processes: Followed[], answersPings = false): Parameters<Outbox["attach"]>[0] {
  return {
    answersPings,
    attachments: new Map(processes.map(({ subscription }) => [subscription.id, { subscription }])),
  };
}

function append({ log }: Followed, count: number, size = OUTPUT_CHUNK_BYTES): void {
  for (let i = 0; i < count; i++) log.appendOutput("stdout", new Uint8Array(size));
}

function order(socket: FakeSocket): string[] {
  return socket.messages.map(({ params }) => params.processId);
}

Deno.test("an outbox sends an event the moment it is in the log, as the protocol has it", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, 'a "b" \ud800');
  process!.log.appendOutput("stderr", new Uint8Array([0xff, 0, 10]));
  process!.log.appendExited(7);
  process!.log.appendClosed();
  const processId = 'a "b" \ud800';
  assert.deepEqual(socket.messages, [
    { method: "process/output", params: { processId, seq: 1, stream: "stderr", chunk: "/wAK" } },
    { method: "process/exited", params: { processId, seq: 2, exitCode: 7, sandboxDenied: false } },
    { method: "process/closed", params: { processId, seq: 3 } },
  ]);
  outbox.dispose();
});

Deno.test("an outbox hands nothing to a full socket, and goes on when it has room", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  socket.taking = false;
  const { outbox, processes: [process] } = follow(socket, "a");
  append(process!, 30);
  const sent = socket.messages.length;
  assert.ok(socket.bufferedBytes >= SOCKET_HIGH_WATER_BYTES);
  assert.ok(socket.bufferedBytes < SOCKET_HIGH_WATER_BYTES + 2 * OUTPUT_CHUNK_BYTES);
  append(process!, 1);
  assert.equal(socket.messages.length, sent);
  socket.taking = true;
  socket.drain();
  assert.deepEqual(
    socket.messages.map(({ params }) => params.seq),
    Array.from({ length: 31 }, (_, i) => i + 1),
  );
  outbox.dispose();
});

Deno.test("a quiet process is not held up by one that floods", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  socket.taking = false;
  const { outbox, processes: [flood, quiet] } = follow(socket, "flood", "quiet");
  append(flood!, 30);
  append(quiet!, 1, 5);
  const before = socket.messages.length;
  socket.drain();
  assert.ok(order(socket).slice(before, before + 2).includes("quiet"));
  outbox.dispose();
});

Deno.test("processes that all flood take turns", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  socket.taking = false;
  const { outbox, processes } = follow(socket, "a", "b", "c");
  for (const process of processes) append(process, 20);
  const before = socket.messages.length;
  socket.drain();
  const turns = order(socket).slice(before, before + 9);
  assert.equal(turns.length, 9);
  for (let i = 0; i + 3 <= turns.length; i += 3) {
    assert.deepEqual(turns.slice(i, i + 3).sort(), ["a", "b", "c"]);
  }
  outbox.dispose();
});

Deno.test("a peer is asked for a pong before its first output, and again after every so many bytes", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  assert.deepEqual(socket.sent, [{ ping: "1" }]);
  append(process!, 20);
  const encoded = socket.messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
  const pings = socket.takePings().length;
  assert.ok(pings >= Math.floor(encoded / (CONFIRM_EVERY_BYTES + 2 * OUTPUT_CHUNK_BYTES)), `${pings} pings`);
  outbox.dispose();
});

Deno.test("only a pong confirms, and it confirms what was sent before its ping", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  const { log } = process!;
  append(process!, UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  assert.equal(log.full, true);
  const last = socket.takePings().at(-1)!;
  const seqBeforeLastPing =
    socket.sent.slice(0, socket.sent.findIndex((item) => "ping" in item && item.ping === last))
      .filter((item) => "text" in item).length;
  outbox.confirm("no such ping");
  outbox.confirm("");
  assert.equal(log.full, true);
  outbox.confirm(last);
  assert.equal(log.full, false);
  assert.equal(log.heldFrom, seqBeforeLastPing + 1);
  outbox.dispose();
});

Deno.test("a peer that never answers a ping is taken at what its socket accepted", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  append(process!, UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  await time.pass(FIRST_PONG_MS - 1);
  assert.equal(process!.log.full, true);
  await time.pass(1);
  assert.equal(process!.log.full, false);
  socket.takePings();
  append(process!, 200);
  assert.deepEqual(socket.takePings(), [], "it is not asked any more");
  assert.equal(process!.log.full, false);
  assert.equal(process!.log.retainedBytes, RETAINED_OUTPUT_BYTES);
  outbox.dispose();
});

Deno.test("a first pong that was only late makes pongs count again", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  await time.pass(FIRST_PONG_MS);
  socket.pong((payload) => outbox.confirm(payload));
  append(process!, UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  assert.equal(process!.log.full, true);
  assert.ok(socket.takePings().length > 0);
  outbox.dispose();
});

Deno.test("a peer that answered once is waited for ever after", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  socket.pong((payload) => outbox.confirm(payload));
  append(process!, UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  await time.pass(FIRST_PONG_MS * 100);
  assert.equal(process!.log.full, true);
  outbox.dispose();
});

Deno.test("a client that answered once is waited for on its next connection too", async () => {
  using time = new FakeTime();
  const first = new FakeSocket();
  const process = followed("a");
  const session = sessionOf([process]);
  const before = new Outbox(first);
  before.attach(session);
  assert.equal(session.answersPings, false);
  first.pong((payload) => before.confirm(payload));
  assert.equal(session.answersPings, true);
  before.dispose();

  // Its reader rests, or its line stalls, from the beginning.
  const resumed = new Outbox(new FakeSocket());
  resumed.attach(session);
  append(process, UNCONFIRMED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES);
  await time.pass(FIRST_PONG_MS * 100);
  assert.equal(process.log.full, true);
  assert.equal(process.log.firstSeq, 1);
  resumed.dispose();
});

Deno.test("a transport without pings is taken at what it accepted, at once", () => {
  using _time = new FakeTime();
  const socket = new FakeSocket();
  socket.ping = undefined;
  const { outbox, processes: [process] } = follow(socket, "a");
  append(process!, 100);
  assert.equal(process!.log.full, false);
  assert.equal(process!.log.retainedBytes, RETAINED_OUTPUT_BYTES);
  assert.deepEqual(socket.takePings(), []);
  outbox.dispose();
});

Deno.test("a resumed client's read is confirmed by a ping behind its answer", () => {
  using _time = new FakeTime();
  const first = new FakeSocket();
  const { outbox, processes: [process] } = follow(first, "a");
  append(process!, 20);
  outbox.dispose();

  const second = new FakeSocket();
  const resumed = new Outbox(second);
  resumed.attach(sessionOf([process!]));
  assert.equal(process!.subscription.missed, 20);
  second.pong((payload) => resumed.confirm(payload));
  assert.equal(process!.subscription.missed, 20, "the first pong says nothing of the answer");
  second.send('{"the":"answer"}');
  resumed.answeredMissed(process!.subscription);
  assert.ok("ping" in second.sent.at(-1)!);
  assert.equal(process!.subscription.missed, 20);
  second.pong((payload) => resumed.confirm(payload));
  assert.equal(process!.subscription.missed, 0);
  assert.equal(process!.log.retainedBytes, RETAINED_OUTPUT_BYTES);
  resumed.dispose();
});

Deno.test("an outbox that is disposed of sends and confirms nothing more", () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  append(process!, 5);
  const sent = socket.sent.length;
  outbox.dispose();
  append(process!, 5);
  socket.pong((payload) => outbox.confirm(payload));
  outbox.flush();
  assert.equal(socket.sent.length, sent);
  assert.equal(process!.log.heldFrom, 1, "nothing is confirmed");
  process!.subscription.dispose();
  assert.equal(time.pending, 0);
});

Deno.test("an outbox forgets a process with its subscription", () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [gone, stays] } = follow(socket, "gone", "stays");
  socket.pong((payload) => outbox.confirm(payload));
  gone!.subscription.dispose();
  append(gone!, 1);
  append(stays!, 1);
  assert.deepEqual(order(socket), ["stays"]);
  outbox.dispose();
  assert.equal(time.pending, 1, "only the subscription that stays holds on for a client that comes back");
  stays!.subscription.dispose();
});

Deno.test("what was sent last is confirmed soon, however little it is", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const { outbox, processes: [process] } = follow(socket, "a");
  const answer = () => socket.pong((payload) => outbox.confirm(payload));
  answer();
  append(process!, 1, 10);
  process!.log.appendClosed();
  answer();
  assert.equal(process!.log.heldFrom, 1);
  await time.pass(CONFIRM_AFTER_MS);
  answer();
  assert.equal(process!.log.heldFrom, 3);
  await time.pass(10 * CONFIRM_AFTER_MS);
  assert.deepEqual(socket.takePings(), [], "nothing more is asked for");
  outbox.dispose();
});

Deno.test("a client that no process waits for is told what it was too slow for, and is given the rest", () => {
  using _time = new FakeTime();
  const [owner, other, stalled] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  const log = new OutputLog();
  const outboxes = [
    attach(owner, [followed("own", {}, log)]),
    attach(other, [followed("other's", { lossless: false }, log)]),
    attach(stalled, [followed("stalled's", { lossless: false }, log)]),
  ];
  stalled.taking = false;
  const count = 3 * RETAINED_OUTPUT_BYTES / OUTPUT_CHUNK_BYTES;
  for (let i = 0; i < count; i++) {
    append({ log } as Followed, 1);
    owner.pong((payload) => outboxes[0]!.confirm(payload));
    assert.equal(log.full, false, "nobody waits for the one that is stalled");
  }
  const seqs = (socket: FakeSocket) => socket.messages.map(({ params }) => params.seq);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  assert.deepEqual(seqs(owner), all);
  assert.deepEqual(seqs(other), all);
  stalled.taking = true;
  stalled.drain();
  const gapAt = stalled.messages.findIndex(({ method }) => method === "process/gap");
  const { params } = stalled.messages[gapAt]!;
  const had = seqs(stalled).slice(0, gapAt);
  assert.deepEqual(params, { processId: "stalled's", fromSeq: had.length + 1, toSeq: log.firstSeq - 1 });
  assert.deepEqual([...had, ...seqs(stalled).slice(gapAt + 1)], [
    ...all.slice(0, gapAt),
    ...all.slice(log.firstSeq - 1),
  ]);
  for (const outbox of outboxes) outbox.dispose();
});
