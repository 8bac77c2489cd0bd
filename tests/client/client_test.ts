import assert from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import { ConnectionError, type Transport, type TransportHandlers } from "../../src/transport/transport.ts";
import { CLIENT_QUEUE_LIMIT_BYTES, UNCONFIRMED_OUTPUT_BYTES } from "../../src/limits.ts";
import { RpcError } from "../../src/protocol/errors.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { collect, startParams } from "../support/client.ts";

/** A server that a test plays. */
class FakeTransport implements Transport {
  handlers: TransportHandlers | undefined;
  // deno-lint-ignore no-explicit-any
  readonly sent: any[] = [];
  confirming = true;
  reading = true;
  closed = false;

  send(text: string): void {
    const message = JSON.parse(text);
    this.sent.push(message);
    if (message.method === "initialize") {
      this.receive({
        id: message.id,
        result: {
          sessionId: "s",
          environmentInfo: {
            shell: { name: "sh", path: "/bin/sh" },
            executorVersion: "1",
            providerId: "x",
            cwd: null,
            userHomeDir: "file:///",
            platformOs: "linux",
            prependPathDirs: [],
            temporaryDirectories: [],
            tempDir: "file:///tmp",
            capabilities: { processList: true },
          },
        },
      });
    }
  }

  setConfirming(confirming: boolean): void {
    this.confirming = confirming;
  }

  setReading(reading: boolean): void {
    this.reading = reading;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers?.onClose("closed by the client");
  }

  receive(message: unknown): void {
    this.handlers?.onMessage(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Answers the last request. */
  answer(outcome: { result: unknown } | { error: { code: number; message: string } }): void {
    this.receive({ id: this.sent.at(-1).id, ...outcome });
  }

  output(processId: string, seq: number, size: number): void {
    const chunk = new Uint8Array(size).toBase64();
    this.receive({ method: "process/output", params: { processId, seq, stream: "stdout", chunk } });
  }
}

async function open(): Promise<{ client: ExecServerClient; transport: FakeTransport }> {
  const transport = new FakeTransport();
  const client = await ExecServerClient.open(transport, { clientName: "test" });
  return { client, transport };
}

const started = { result: { processId: "a", sandboxType: "none" } };

/** A client that follows a process named "a". */
async function openWithProcess() {
  const { client, transport } = await open();
  const start = client.start(startParams("a", ["x"]));
  transport.answer(started);
  return { client, transport, channel: await start };
}

Deno.test("a client does the handshake and knows what the server can", async () => {
  const { client, transport } = await open();
  assert.deepEqual(transport.sent, [
    { id: 1, method: "initialize", params: { clientName: "test" } },
    { method: "initialized", params: {} },
  ]);
  assert.deepEqual([client.can("processList"), client.can("other")], [true, false]);
});

Deno.test("answers find their calls in any order, and an error is thrown as what it is", async () => {
  const { client, transport } = await open();
  const status = client.call("environment/status", {});
  const list = client.call("process/list", {});
  const [{ id: statusId }, { id: listId }] = transport.sent.slice(2);
  transport.receive({ id: listId, error: { code: -32601, message: "no" } });
  transport.receive({ id: 999, result: {} });
  transport.receive({ id: statusId, result: { status: "ready" } });
  await assert.rejects(list, (error) => error instanceof RpcError && error.code === -32601);
  assert.deepEqual(await status, { status: "ready" });
});

Deno.test("an answer that does not decode fails its call alone", async () => {
  const { client, transport } = await open();
  const status = client.call("environment/status", {});
  transport.answer({ result: { status: 5 } });
  await assert.rejects(status, /environment\/status is wrong/);
  const next = client.call("environment/status", {});
  transport.answer({ result: { status: "ready" } });
  await next;
});

Deno.test("output that comes before the answer to its start is not lost", async () => {
  const { client, transport } = await open();
  const start = client.start(startParams("a", ["x"]));
  transport.output("a", 1, 3);
  transport.answer(started);
  const channel = await start;
  transport.receive({
    method: "process/exited",
    params: { processId: "a", seq: 2, exitCode: 4, sandboxDenied: false },
  });
  transport.receive({ method: "process/closed", params: { processId: "a", seq: 3 } });
  const { exitCode, stdout } = await collect(channel);
  assert.deepEqual([exitCode, stdout.length], [4, 3]);
});

Deno.test("a start that is refused leaves nothing behind, and its name may be used again", async () => {
  const { client, transport } = await open();
  const refused = client.start(startParams("a", ["x"]));
  transport.answer({ error: { code: -32603, message: "no" } });
  await assert.rejects(refused, { code: -32603 });
  const again = client.start(startParams("a", ["x"]));
  transport.answer(started);
  await again;
});

Deno.test("a second start under a running process's name is refused, and the first goes on", async () => {
  const { client, transport, channel } = await openWithProcess();
  await assert.rejects(client.start(startParams("a", ["x"])), { code: -32600 });
  transport.output("a", 1, 1);
  transport.receive({ method: "process/closed", params: { processId: "a", seq: 2 } });
  assert.equal((await collect(channel)).stdout.length, 1);
});

Deno.test("a lost connection fails every call and every process, once", async () => {
  const { client, transport, channel } = await openWithProcess();
  const call = client.call("process/list", {});
  transport.handlers?.onClose("gone");
  await assert.rejects(call, (error) => error instanceof ConnectionError && /gone/.test(error.message));
  const events = [];
  for await (const event of channel) events.push(event);
  assert.deepEqual(events, [{ kind: "failed", message: "exec-server transport disconnected; gone" }]);
  await assert.rejects(client.call("process/list", {}), ConnectionError);
});

Deno.test("a message that cannot be understood ends the connection", async () => {
  for (
    const message of [
      "not JSON",
      [],
      { method: "process/output", params: { processId: "a", seq: 1, stream: "stdout", chunk: "@" } },
      { method: "process/closed", params: { processId: "a" } },
    ]
  ) {
    const { transport } = await open();
    transport.receive(message);
    assert.equal(transport.closed, true, JSON.stringify(message));
  }
});

Deno.test("what the client does not know is ignored: notifications, processes, requests", async () => {
  const { transport } = await open();
  transport.receive({ method: "some/notification", params: 5 });
  transport.output("stranger", 1, 1);
  transport.receive({ method: "process/closed", params: { processId: "stranger", seq: 2 } });
  assert.equal(transport.closed, false);
});

Deno.test("a consumer that is behind holds the server's output back and not its answers", async () => {
  const { client, transport, channel } = await openWithProcess();
  const size = 1024 * 1024;
  let seq = 0;
  for (let bytes = size; bytes < UNCONFIRMED_OUTPUT_BYTES; bytes += size) transport.output("a", ++seq, size);
  assert.deepEqual([transport.confirming, transport.reading], [true, true]);
  transport.output("a", ++seq, size);
  assert.deepEqual([transport.confirming, transport.reading], [false, true]);

  const terminated = client.call("process/terminate", { processId: asProcessId("a") });
  transport.answer({ result: { running: true } });
  assert.deepEqual(await terminated, { running: true });

  const events = channel[Symbol.asyncIterator]();
  await events.next();
  await events.next(); // Whoever asks for the next one is done with the one before.
  assert.equal(transport.confirming, true);
});

Deno.test("a server that sends on regardless is not read any more", async () => {
  const { transport, channel } = await openWithProcess();
  const size = 1024 * 1024;
  for (let seq = 1; seq <= CLIENT_QUEUE_LIMIT_BYTES / size + 1; seq++) transport.output("a", seq, size);
  assert.equal(transport.reading, false);
  for await (const _ of channel) break;
  assert.deepEqual([transport.confirming, transport.reading], [true, true]);
});

Deno.test("a process that ends unread holds the others up no more", async () => {
  const { transport, channel } = await openWithProcess();
  const size = 1024 * 1024;
  let seq = 0;
  while (seq <= CLIENT_QUEUE_LIMIT_BYTES / size) transport.output("a", ++seq, size);
  assert.deepEqual([transport.confirming, transport.reading], [false, false]);
  // These were on their way already.
  const exited = { processId: "a", exitCode: 0, sandboxDenied: false };
  transport.receive({ method: "process/exited", params: { ...exited, seq: ++seq } });
  assert.equal(transport.confirming, false);
  transport.receive({ method: "process/closed", params: { processId: "a", seq: ++seq } });
  assert.deepEqual([transport.confirming, transport.reading], [true, true]);
  assert.equal((await collect(channel)).stdout.length, (seq - 2) * size);
});

Deno.test("a server that does not answer initialize in time is given up", async () => {
  const transport = new FakeTransport();
  transport.send = () => {};
  const opening = ExecServerClient.open(transport, { initializeMs: 10 });
  await assert.rejects(opening, (error) => error instanceof ConnectionError && /10 ms/.test(error.message));
  assert.equal(transport.closed, true);
});
