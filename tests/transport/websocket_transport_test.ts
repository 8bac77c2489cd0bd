import { deepStrictEqual as same, rejects } from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { WebSocketServer } from "ws";
import { connectWebSocket } from "../../src/transport/websocket_transport.ts";

Deno.test("what a paused reader owes is confirmed once it goes on, whatever was asked in between", async () => {
  const listener = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(listener, "listening");
  const connected = once(listener, "connection");
  const transport = await connectWebSocket(`ws://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  const [socket] = await connected;
  const pongs: string[] = [];
  const pong = async () => pongs.push(String((await once(socket, "pong"))[0]));
  transport.setConfirming!(false);
  for (const mark of ["1", "2", ""]) {
    const answered = pong();
    socket.ping(mark);
    await answered;
  }
  const answered = pong();
  transport.setConfirming!(true);
  await answered;
  // A sign of life for each while it reads nothing, and then the newest mark.
  same(pongs, ["", "", "", "2"]);
  const closed = once(socket, "close");
  transport.close();
  await closed;
  await new Promise((resolve) => listener.close(resolve));
});

Deno.test("a server that takes a connection and says nothing is given up in time", async () => {
  const listener = createServer((socket) => void socket.resume().on("error", () => {})).listen(
    0,
    "127.0.0.1",
  );
  await once(listener, "listening");
  const url = `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  await rejects(connectWebSocket(url, { connectMs: 50 }), /the server did not answer within 50 ms/);
  await new Promise((resolve) => listener.close(resolve));
});
