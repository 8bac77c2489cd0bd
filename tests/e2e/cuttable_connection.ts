/** A way to a server that a test can cut: a TCP proxy. */
import { deadline } from "@std/async/deadline";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** `await using` closes it. */
export interface CuttableConnection extends AsyncDisposable {
  /** Where clients connect, `ws://127.0.0.1:PORT`. */
  readonly url: string;
  /** Closes every connection. New ones are accepted, but lead nowhere before `mend()`. */
  cut(): void;
  /** Lets the connections made since `cut()` through, and waits for the first. */
  mend(): Promise<void>;
}

/** @param serverUrl `ws://HOST:PORT` */
export async function openCuttableConnection(serverUrl: string): Promise<CuttableConnection> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let mended = Promise.withResolvers<void>();
  let joined = Promise.withResolvers<void>();
  mended.resolve();

  const track = (socket: Socket) => {
    sockets.add(socket);
    // A broken connection is an ended one to the other side; it needs no second report.
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const proxy = createServer(async (client) => {
    track(client);
    await mended.promise;
    if (client.destroyed) return;
    const server = connect({ host: hostname, port: Number(port), noDelay: true }, () => joined.resolve());
    track(server);
    client.setNoDelay().pipe(server).pipe(client);
    client.on("close", () => hangUp(server));
    server.on("close", () => hangUp(client));
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");

  const closeAll = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut() {
      mended = Promise.withResolvers();
      joined = Promise.withResolvers();
      closeAll();
    },
    mend() {
      mended.resolve();
      return deadline(joined.promise, 30_000);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(proxy, "close");
      proxy.close();
      closeAll();
      mended.resolve();
      await closed;
    },
  };
}

/** Ends a connection whose other side has gone: what was on its way is still sent, what still comes is for nobody. */
function hangUp(socket: Socket): void {
  socket.end();
  socket.resume();
}
