import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, linkSync, readdirSync, renameSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { setImmediate } from "node:timers";
import { listenOnSocket } from "../../src/transport/unix_socket.ts";
import { TempFolder } from "../support/temp_folder.ts";

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.end());
  server.listen(path);
  await once(server, "listening");
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

Deno.test("a socket that came in a stale one's place while that was looked at is left alone", async () => {
  for (let turns = 0; turns < 8; turns++) {
    await using folder = new TempFolder();
    const path = `${folder.path}/socket`;
    // Closing removes the name that it listened by, and not the other.
    const killed = await listen(`${path}.killed`);
    linkSync(`${path}.killed`, path);
    await close(killed);
    const living = await listen(`${path}.living`);
    let isTooLate = false;
    const listening = listenOnSocket(path, async () => {
      isTooLate = true;
      const server = await listen(path);
      return { port: 0, close: () => close(server) };
    });
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    if (isTooLate) {
      await (await listening).close();
      return await close(living);
    }
    renameSync(`${path}.living`, path);
    const refusal = await listening.then(() => undefined, (error) => error);
    assert.equal(refusal?.code, "EADDRINUSE");
    const client = connect(path);
    await once(client, "connect");
    client.destroy();
    assert.deepEqual(readdirSync(folder.path), ["socket"]);
    await close(living);
  }
});

Deno.test("a listener's end removes its socket before anybody can come in its place", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  let wasThere: boolean | undefined;
  const listener = await listenOnSocket(path, async () => {
    const server = await listen(path);
    return {
      port: 0,
      close() {
        wasThere = existsSync(path);
        return close(server);
      },
    };
  });
  await listener.close();
  assert.equal(wasThere, false);
});
