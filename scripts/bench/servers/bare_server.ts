/**
 * The floor under everything that goes over a socket: the WebSocket of the runtime, Deno or Bun, that carries the bytes
 * which the workloads ask for, and nothing behind it. It starts no process; output that was asked for is made up
 * beforehand, and its amount stands in the command as the last argument.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";
import { type WebSocket, WebSocketServer } from "ws";

/** A peer, and how much may wait to be sent to it. */
interface Peer {
  send(text: string): void;
  readonly buffered: () => number;
}

const CHUNK_BYTES = 65_536;
const HIGH_WATER_BYTES = 1 << 20;

const chunk = Buffer.alloc(CHUNK_BYTES).toString("base64");

/** @returns the result of a request, and what is to be sent after it */
async function answer(method: string, params: Record<string, string>): Promise<unknown> {
  switch (method) {
    case "initialize":
      return { sessionId: "bare" };
    case "fs/readFile":
      return { dataBase64: (await readFile(new URL(params.path!))).toString("base64") };
    case "fs/writeFile":
      await writeFile(new URL(params.path!), Buffer.from(params.dataBase64!, "base64"));
      return {};
    case "fs/walk":
      return { entries: await readdir(new URL(params.path!), { recursive: true }) };
    default:
      return {};
  }
}

async function receive(peer: Peer, text: string): Promise<void> {
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return;
  peer.send(JSON.stringify({ id, result: await answer(method, params) }));
  if (method !== "process/start") return;
  const processId = JSON.stringify(params.processId);
  const chunks = Math.ceil(Number(params.argv.at(-1)) / CHUNK_BYTES) || 0;
  for (let seq = 1; seq <= chunks; seq++) {
    peer.send(
      `{"method":"process/output","params":{"processId":${processId},"seq":${seq},"stream":"stdout","chunk":"${chunk}"}}`,
    );
    while (peer.buffered() > HIGH_WATER_BYTES) await new Promise((resolve) => setImmediate(resolve));
  }
  peer.send(`{"method":"process/closed","params":{"processId":${processId},"seq":${chunks + 1}}}`);
}

// deno-lint-ignore no-explicit-any -- there is no type of it here
const bun = (globalThis as any).Bun;

if (bun) {
  // deno-lint-ignore no-explicit-any -- Bun's own socket
  const peer = (socket: any): Peer => ({
    send: (text) => void socket.send(text),
    buffered: () => socket.getBufferedAmount(),
  });
  const server = bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    // deno-lint-ignore no-explicit-any -- Bun's own request and server
    fetch: (request: Request, server: any) => server.upgrade(request) ? undefined : new Response("No"),
    websocket: {
      maxPayloadLength: 64 << 20,
      backpressureLimit: 64 << 20,
      // deno-lint-ignore no-explicit-any -- Bun's own socket
      message: (socket: any, text: string) => void receive(peer(socket), text),
    },
  });
  process.stdout.write(`ws://127.0.0.1:${server.port}\n`);
} else {
  const http = createServer();
  new WebSocketServer({ server: http }).on("connection", (socket: WebSocket) => {
    const peer: Peer = { send: (text) => socket.send(text), buffered: () => socket.bufferedAmount };
    socket.on("message", (data) => void receive(peer, String(data)));
  });
  http.listen(0, "127.0.0.1", () => {
    process.stdout.write(`ws://127.0.0.1:${(http.address() as { port: number }).port}\n`);
  });
}
process.on("SIGTERM", () => process.exit(0));
