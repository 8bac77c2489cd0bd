import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { WebSocketServer } from "ws";
import type { ScriptedConnection, ScriptedServer } from "./scripted_server.ts";

/** A server that does what a test says, at a `ws:` URL for another program to connect to. */
export async function listenScripted(server: ScriptedServer): Promise<AsyncDisposable & { url: string }> {
  const listener = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(listener, "listening");
  listener.on("connection", async (socket) => {
    const begun = server.connect() as Promise<ScriptedConnection>;
    socket.on("message", async (data) => (await begun).send(String(data)));
    socket.on("error", () => {});
    (await begun).handlers = {
      onMessage: (text) => socket.send(text),
      onClose: () => socket.terminate(),
    };
  });
  return {
    url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of listener.clients) socket.terminate();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
