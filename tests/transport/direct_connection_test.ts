import { directConnection } from "../../src/transport/direct_connection.ts";
import { deepStrictEqual as equals, strictEqual as is } from "node:assert/strict";
import { setImmediate } from "node:timers";

/** Everything sent so far has arrived, and everything that was sent for it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function open() {
  const { socket, transport } = directConnection();
  const [server, client]: [string[], string[]] = [[], []];
  socket.handlers = {
    onMessage: (text) => server.push(text),
    onBinary: (message) => server.push(`bytes ${message}`),
    onGarbage: () => {},
    onPong: (payload) => server.push(`pong ${payload}`),
    onDrain: () => {},
    onClose: (reason) => server.push(`closed: ${reason}`),
  };
  transport.handlers = {
    onMessage: (text) => client.push(text),
    onBinary: (message) => client.push(`bytes ${message}`),
    onPong: () => client.push("pong"),
    onClose: (reason) => client.push(`closed: ${reason}`),
  };
  return { socket, transport, server, client };
}

Deno.test("messages of both kinds arrive in order, and not while they are sent", async () => {
  const { socket, transport, server, client } = open();
  transport.send("a");
  transport.sendBinary!(new Uint8Array([1]), new Uint8Array([2, 3]));
  transport.send("b");
  socket.send("c");
  socket.sendBinary!(new Uint8Array([4]), new Uint8Array(0));
  socket.sendBase64("<", new Uint8Array([0]), ">");
  equals([server, client], [[], []]);
  is(socket.bufferedBytes, 8);
  await settled();
  equals(server, ["a", "bytes 1,2,3", "b"]);
  equals(client, ["c", "bytes 4", "<AA==>"]);
  is(socket.bufferedBytes, 0);
});

Deno.test("whoever is not read is held up, and nothing of it is lost", async () => {
  const { socket, transport, client } = open();
  transport.setReading(false);
  for (let i = 0; i < 3; i++) socket.send(String(i));
  await settled();
  equals([client, socket.bufferedBytes], [[], 3]);
  transport.setReading(true);
  await settled();
  equals(client, ["0", "1", "2"]);
});

Deno.test("a ping is answered behind what was sent before it, and a mark only once it may be", async () => {
  const { socket, transport, server, client } = open();
  socket.send("a");
  socket.ping!("1");
  await settled();
  equals([client, server], [["a"], ["pong 1"]]);
  transport.setConfirming!(false);
  socket.ping!("2");
  socket.ping!("");
  await settled();
  equals(server, ["pong 1", "pong ", "pong "]);
  transport.setConfirming!(true);
  await settled();
  equals(server.at(-1), "pong 2");
  transport.ping!();
  await settled();
  is(client.at(-1), "pong");
});

for (const by of ["socket", "transport"] as const) {
  Deno.test(`both ends are told once that the ${by} has ended it, and nothing more`, async () => {
    const { socket, transport, server, client } = open();
    socket.send("lost");
    if (by === "socket") socket.close(1001, "server stops");
    else transport.close();
    socket.terminate();
    transport.close();
    socket.send("late");
    transport.send("late");
    await settled();
    const why = by === "socket" ? "server stops" : "closed";
    equals([server, client], [[`closed: ${why}`], [`closed: ${why}`]]);
  });
}
