/** Whoever answers the methods `fs/*`: a server at the other end of a socket, or the operations themselves. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import process from "node:process";
import { codexProgram } from "../support/reference_server.ts";

/** An answer as it came over the wire. */
export type Answer = { result: unknown } | { error: { code: number; message: string } };

/** What the differential test compares. */
export interface FileServer extends AsyncDisposable {
  call(method: string, params: unknown): Promise<Answer>;
}

/** The server at a URL, on a connection of its own that has been through the handshake. */
export async function connectFileServer(url: string): Promise<FileServer> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, ...answer } = JSON.parse(data);
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  socket.addEventListener("close", () => {
    const lost = { error: { code: 0, message: "the connection is lost" } };
    for (const answer of waiting.values()) answer(lost);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`No connection to ${url}`)));
  });
  const server: FileServer = {
    call: (method, params) =>
      new Promise((resolve) => {
        waiting.set(++lastId, resolve);
        socket.send(JSON.stringify({ id: lastId, method, params }));
      }),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.close();
      await closed;
    },
  };
  await server.call("initialize", { clientName: "differential test" });
  socket.send(JSON.stringify({ method: "initialized" }));
  return server;
}

/** Starts the reference server, and connects to it. */
export async function startReference(): Promise<FileServer> {
  const home = mkdtempSync(join(tmpdir(), "exec-server-codex-"));
  const child = spawn(codexProgram, ["exec-server", "--listen", "ws://127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home },
  });
  try {
    const server = await connectFileServer(await firstLine(child));
    return {
      call: server.call,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await stop(child, home);
      },
    };
  } catch (error) {
    await stop(child, home);
    throw error;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error("The reference server printed no URL");
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  child.kill("SIGTERM");
  await exited;
  rmSync(home, { recursive: true, force: true });
}
