/** Ports of a server's machine: `machine.connectTcp` and `exec-server forward`. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { connect } from "../../mod.ts";
import { TCP_CONNECTIONS, TCP_WINDOW_BYTES, UNCONFIRMED_OUTPUT_BYTES } from "../../src/limits.ts";
import { openClient } from "../support/client.ts";
import { runCommand, RunningCommand } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";
import { StallingProxy } from "../support/stalling_proxy.ts";

/** Something that listens on a port of this machine, and what became of its connections. */
class Peer implements AsyncDisposable {
  readonly port: number;
  readonly ends: string[] = [];
  /** How many it has accepted: one that is reset before is never heard of. */
  accepted = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #isClosed = false;

  constructor(serve: (connection: Deno.TcpConn) => Promise<void>) {
    this.port = this.#listener.addr.port;
    this.#running = this.#accept(serve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    await this.#running;
    await Promise.all(this.#serving);
  }

  async #accept(serve: (connection: Deno.TcpConn) => Promise<void>): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#serve(await this.#listener.accept(), serve);
      } catch {
        // It is closed, or the connection was reset before it was accepted.
      }
    }
  }

  #serve(connection: Deno.TcpConn, serve: (connection: Deno.TcpConn) => Promise<void>): void {
    this.accepted++;
    const serving = serve(connection).then(
      () => void this.ends.push("ended"),
      (error) => void this.ends.push((error as Error).name),
    ).finally(() => {
      try {
        connection.close();
      } catch {
        // It is closed.
      }
    });
    this.#serving.add(serving);
    void serving.then(() => this.#serving.delete(serving));
  }
}

/** Sends back what comes, and ends when that does. */
const echo = async (connection: Deno.TcpConn) => {
  await connection.readable.pipeTo(connection.writable);
};

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

async function send(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

/** So many bytes, another piece each time, and their digest. */
function flood(bytes: number) {
  const hash = createHash("sha256");
  let left = bytes;
  let seed = 1;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) return controller.close();
      const piece = new Uint8Array(Math.min(left, 40_000 + seed % 60_000));
      for (let at = 0; at < piece.length; at += 97) {
        piece[at] = seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      }
      left -= piece.length;
      hash.update(piece);
      controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
  return { stream, digest: () => hash.digest("hex") };
}

async function digestOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of stream) hash.update(piece);
  return hash.digest("hex");
}

/** Sockets that a process has open. */
function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((name) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/fd/${name}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

Deno.test("a connection carries bytes both ways, each half to its own end", async () => {
  await using server = await startServer();
  await using machine = await connect(server.url);
  await using peer = new Peer(async (connection) => {
    // The other half ends first, and this one goes on.
    const buffer = new Uint8Array(100);
    let characters = 0;
    for (let read = await connection.read(buffer); read; read = await connection.read(buffer)) {
      characters += read;
    }
    await connection.write(new TextEncoder().encode(`${characters} characters`));
  });
  const stream = await machine.connectTcp(peer.port);
  assert.equal(stream.address, `127.0.0.1:${peer.port}`);
  await send(stream.writable, "hello");
  assert.equal(await textOf(stream.readable), "5 characters");

  // Nothing of it is among the processes, and none is attached to.
  await using again = await machine.connectTcp(peer.port, { host: "localhost" });
  assert.deepEqual(await machine.list(), []);
  await send(again.writable, "");
  assert.equal(await textOf(again.readable), "0 characters");
});

Deno.test("a refused port, another host, a broken connection and a wrong port are told", async () => {
  await using server = await startServer();
  await using machine = await connect(server.url);
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  await assert.rejects(machine.connectTcp(port), {
    code: "EFAILED",
    message: /Cannot connect to port \d+ of this machine: .*refused/i,
  });
  await assert.rejects(machine.connectTcp(port, { host: "127.0.0.2" }), {
    code: "EREFUSED",
    message: /--forward-to 127\.0\.0\.2/,
  });
  await assert.rejects(machine.connectTcp(0), TypeError);
  await assert.rejects(machine.connectTcp(80, { hots: "x" } as object), TypeError);

  const resetting = createServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => resetting.listen(0, "127.0.0.1", resolve));
  const stream = await machine.connectTcp((resetting.address() as { port: number }).port);
  const writer = stream.writable.getWriter();
  await writer.write(new Uint8Array(100_000));
  await assert.rejects(textOf(stream.readable), /broken off by its other end/);
  await assert.rejects(writer.closed);
  resetting.close();

  await using listening = new Peer(async (connection) => void await textOf(connection.readable));
  const left = await machine.connectTcp(listening.port);
  await until("it is accepted", () => listening.accepted === 1);
  left.close();
  await until("the reset", () => listening.ends.length === 1);
  assert.deepEqual(listening.ends, ["ConnectionReset"]);
});

Deno.test("a server forwards no ports that is told so, and those of other hosts that are named", async () => {
  await using peer = new Peer(echo);
  for (const flag of ["--no-forward", "--require-sandbox"]) {
    await using server = await startServer({ args: [flag] });
    await using client = await openClient(server.url);
    assert.equal(client.can("tcpConnect"), false);
    const asked = client.call("tcp/connect", { processId: "c", port: peer.port });
    await assert.rejects(asked, { code: -32600, message: /--no-forward/ });
    await using machine = await connect(server.url);
    await assert.rejects(machine.connectTcp(peer.port), { code: "ENOTSUP" });
    const { code, stderr } = await runCommand(["forward", "--url", server.url, `${peer.port}`]);
    assert.deepEqual([code, /forwards no ports/.test(stderr)], [125, true]);
  }
  await using server = await startServer({ args: ["--forward-to", "127.0.0.2"] });
  await using machine = await connect(server.url);
  await assert.rejects(machine.connectTcp(peer.port, { host: "127.0.0.2" }), { code: "EFAILED" });
  assert.match((await runCommand(["serve", "--no-forward", "--forward-to", "x"])).stderr, /choose one/);
});

Deno.test("many bytes go both ways at once, exactly, and a connection that is lost takes none with it", async () => {
  const bytes = Number(Deno.env.get("EXEC_SERVER_FORWARD_BYTES") ?? 20_000_000);
  await using server = await startServer();
  await using proxy = await StallingProxy.start(server.url, bytes / 3);
  await using machine = await connect(proxy.url);
  await using peer = new Peer(echo);
  const { stream, digest } = flood(bytes);
  const connection = await machine.connectTcp(peer.port);
  const sending = stream.pipeTo(connection.writable);
  const received = digestOf(connection.readable);
  await proxy.stalled;
  proxy.cut();
  await sending;
  assert.equal(await received, digest());
  assert.deepEqual(peer.ends, ["ended"]);
});

Deno.test("readers that do not come hold up their own connections, and nothing else", async () => {
  await using server = await startServer();
  await using machine = await connect(server.url);
  let sent = 0;
  await using source = new Peer(async (connection) => {
    const piece = new Uint8Array(65_536);
    for (;;) sent += await connection.write(piece);
  });
  await using sink = new Peer(async (connection) => {
    await connection.read(new Uint8Array(1));
    await released;
  });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await using other = new Peer(echo);
  const stalled = await Promise.all(Array.from({ length: 8 }, () => machine.connectTcp(source.port)));
  const full = await Promise.all(Array.from({ length: 8 }, () => machine.connectTcp(sink.port)));
  let taken = 0;
  const writing = full.map(async ({ writable }) => {
    const writer = writable.getWriter();
    for (;;) {
      await writer.write(new Uint8Array(65_536));
      taken += 65_536;
    }
  });
  for (const write of writing) write.catch(() => {});
  // Each gets through while the others are stuck, and so do processes.
  for (let at = 0; at < 20; at++) {
    const stream = await machine.connectTcp(other.port);
    await send(stream.writable, `${at}`);
    assert.equal(await textOf(stream.readable), `${at}`);
  }
  assert.equal((await machine.run("head -c 3000000 /dev/zero | wc -c")).stdout.trim(), "3000000");
  // The kernel has its own buffers at both ends.
  const kernel = 16_000_000;
  assert.ok(sent < 8 * (TCP_WINDOW_BYTES + UNCONFIRMED_OUTPUT_BYTES + kernel), `${sent}`);
  assert.ok(taken < 8 * (4 * TCP_WINDOW_BYTES + kernel), `${taken}`);
  const [first] = stalled;
  const reader = first!.readable.getReader();
  for (let bytes = 0; bytes < 8_000_000;) bytes += (await reader.read()).value!.length;
  for (const { close } of [...stalled, ...full]) close();
  release();
});

Deno.test("a session has so many connections at once, each client its own, and none is left of one that is gone", async () => {
  await using server = await startServer({
    env: { ...Deno.env.toObject(), EXEC_SERVER_LIMITS: "DETACHED_SESSION_MS=300" },
  });
  await using peer = new Peer(echo);
  const before = socketsOf(server.pid);
  const open = () => socketsOf(server.pid);
  {
    await using one = await connect(server.url);
    await using two = await connect(server.url);
    const streams = await Promise.all(
      Array.from({ length: TCP_CONNECTIONS }, () => one.connectTcp(peer.port)),
    );
    await assert.rejects(one.connectTcp(peer.port), { code: "EREFUSED", message: /at most \d+ connections/ });
    const theirs = await two.connectTcp(peer.port);
    await Promise.all(streams.map(async (stream, at) => {
      await send(stream.writable, `number ${at}`);
      assert.equal(await textOf(stream.readable), `number ${at}`);
    }));
    await send(theirs.writable, "theirs");
    assert.equal(await textOf(theirs.readable), "theirs");
    // There is room again, as soon as the server knows.
    (await one.connectTcp(peer.port)).close();
  }
  await using running = new RunningCommand(["forward", "--url", server.url, `:${peer.port}`]);
  const [, port] = await running.until(/127\.0\.0\.1:(\d+) -> \d+\n/);
  const held = await Promise.all(
    Array.from({ length: 10 }, () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) })),
  );
  for (const connection of held) {
    await connection.write(new Uint8Array([1]));
    await connection.read(new Uint8Array(1));
  }
  assert.ok(open() >= before + 10);
  running.kill("SIGKILL");
  await running.ended();
  await until("the descriptors are free", () => open() <= before);
  for (const connection of held) connection.close();
});

Deno.test("forward carries HTTP and WebSockets, says what it cannot do, and ends by Ctrl-C", async () => {
  await using server = await startServer();
  await using web = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(`${data} back`);
      return response;
    }
    return new Response(
      `${request.method} ${new URL(request.url).pathname} ${(await request.bytes()).length}`,
    );
  });
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = free.addr.port;
  free.close();
  await using running = new RunningCommand([
    "forward",
    "--url",
    server.url,
    `:${web.addr.port}`,
    `localhost::${nobody}`,
  ]);
  const [, port] = await running.until(new RegExp(`127\\.0\\.0\\.1:(\\d+) -> ${web.addr.port}\n`));
  const [, dead] = await running.until(new RegExp(`127\\.0\\.0\\.1:(\\d+) -> ${nobody}\n`));
  const url = `http://127.0.0.1:${port}`;
  const answers = await Promise.all(Array.from({ length: 100 }, async (_, at) => {
    const answer = await fetch(`${url}/${at}`, { method: "POST", body: new Uint8Array(at * 1_000) });
    return await answer.text();
  }));
  assert.deepEqual(answers, answers.map((_, at) => `POST /${at} ${at * 1_000}`));
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.onopen = resolve);
  const message = new Promise<string>((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.send("there and");
  assert.equal(await message, "there and back");
  socket.close();
  await new Promise((resolve) => socket.onclose = resolve);

  const refused = await Deno.connect({ hostname: "127.0.0.1", port: Number(dead) });
  await assert.rejects(refused.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
  refused.close();
  await running.until(/Cannot connect to port/, "stderr");
  const taken = await runCommand(["forward", "--url", server.url, `${port}:80`]);
  assert.deepEqual([taken.code, /Cannot listen on 127\.0\.0\.1:\d+: .*:80 takes/.test(taken.stderr)], [
    1,
    true,
  ]);
  running.kill("SIGINT");
  assert.equal((await running.ended()).code, 0);
});
