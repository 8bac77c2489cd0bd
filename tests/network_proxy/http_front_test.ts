import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Network } from "../../src/host/network.ts";
import type { Decision } from "../../src/network_proxy/decision.ts";
import { NetworkProxy, type NetworkProxyOptions } from "../../src/network_proxy/network_proxy.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { ProxyClient } from "../support/proxy_client.ts";

/** What a proxy reaches others by, beside `node:net`. */
const native = await thisHost.openNetwork?.();
let network: Network | undefined;

/** Registers a test once for each of them. */
function test(name: string, fn: () => Promise<void>): void {
  for (const by of ["node:net", "the C library"] as const) {
    Deno.test({
      name: `${name}, by ${by}`,
      ignore: by === "the C library" && !native,
      fn() {
        network = by === "node:net" ? undefined : native;
        return fn();
      },
    });
  }
}

/** A server by raw bytes: it is given each connection. */
async function listen(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers each connection's first head with a text. */
const answering = (answer: string, heads: string[] = []) =>
  listen((socket) => {
    socket.once("data", (bytes: Uint8Array) => {
      heads.push(new TextDecoder("latin1").decode(bytes));
      socket.end(answer);
    });
  });

async function start(options: Partial<NetworkProxyOptions> = {}) {
  const written: Decision[] = [];
  const proxy = new NetworkProxy({
    hasSocks: true,
    allowsLocal: true,
    network,
    isLimited: false,
    domains: { "*": "allow" },
    record: (decision) => void written.push(decision),
    resolve: (host) => Promise.resolve(host.endsWith(".test") ? ["127.0.0.1"] : []),
    ...options,
  });
  const variables = await proxy.listen();
  const portOf = (name: string) => Number(new URL(variables[name]!).port);
  return {
    proxy,
    written,
    connect: () => ProxyClient.connect(portOf("HTTP_PROXY")),
    connectSocks: () => ProxyClient.connect(portOf("ALL_PROXY")),
    [Symbol.dispose]: () => proxy.close(),
  };
}

const ok = (body: string, more = "") =>
  `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

test("a request is passed on without what is the proxy's alone", async () => {
  const heads: string[] = [];
  await using server = await answering(
    ok("hello", "Connection: close, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\n"),
    heads,
  );
  using proxy = await start();
  const client = await proxy.connect();
  client.send(
    `GET http://a.test:${server.port}/x?y HTTP/1.1\r\nHost: a.test:${server.port}\r\nProxy-Authorization: me\r\n` +
      "Proxy-Connection: keep-alive\r\nConnection: x-mine, upgrade\r\nX-Mine: 1\r\nUpgrade: websocket\r\nTE: x\r\nX-Kept: 2\r\n\r\n",
  );
  strictEqual(await client.expect(/hello/), "HTTP/1.1 200 OK\r\nX-End: 2\r\nContent-Length: 5\r\n\r\nhello");
  strictEqual(heads[0], `GET /x?y HTTP/1.1\r\nhost: a.test:${server.port}\r\nX-Kept: 2\r\n\r\n`);
  client.socket.destroy();
});

test("each request on one connection is decided about, also behind a denial", async () => {
  await using server = await answering(ok("hello"));
  using proxy = await start({ domains: { "a.test": "allow" } });
  const client = await proxy.connect();
  const get = (host: string) =>
    `GET http://${host}:${server.port}/ HTTP/1.1\r\nHost: ${host}:${server.port}\r\n\r\n`;
  // All at once: what is sent ahead is not lost.
  client.send(get("a.test") + get("b.test") + get("a.test"));
  await client.expect(/hello/);
  match(
    await client.expect(/\}/),
    /^HTTP\/1\.1 403 Forbidden\r\ncontent-type: application\/json\r\nx-proxy-error: blocked-by-allowlist\r\n/,
  );
  await client.expect(/hello/);
  deepStrictEqual(proxy.written.map(({ request, reason }) => [request.host, reason]), [
    ["a.test", "allow"],
    ["b.test", "not_allowed"],
    ["a.test", "allow"],
  ]);
  client.socket.destroy();
});

test("bodies flow both ways in chunks, and the next request is found behind them", async () => {
  await using server = await listen((socket) => {
    let text = "";
    socket.on("data", (bytes: Uint8Array) => {
      text += new TextDecoder("latin1").decode(bytes);
      if (!text.endsWith("0\r\n\r\n")) return;
      const body = /\r\n\r\n(.*)$/s.exec(text)![1]!;
      socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
    });
  });
  using proxy = await start();
  const client = await proxy.connect();
  const head = `POST /up HTTP/1.1\r\nHost: a.test:${server.port}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (let round = 0; round < 2; round++) {
    client.send(head + "5;x=y\r\nhello\r\n").send("6\r\n world\r").send("\n0\r\n\r\n");
    match(await client.expect(/\r\n0\r\n\r\n/), /\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n$/);
  }
  client.socket.destroy();
});

test("a client of HTTP/1.0 gets a body without chunks, and the end", async () => {
  await using server = await answering(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
  );
  using proxy = await start();
  const client = await proxy.connect();
  client.send(`GET http://a.test:${server.port}/ HTTP/1.0\r\n\r\n`);
  strictEqual(await client.rest(), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello");
});

test("an answer that breaks off breaks off for the client, too", async () => {
  await using server = await answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhell");
  using proxy = await start();
  const client = await proxy.connect();
  client.send(`GET http://a.test:${server.port}/ HTTP/1.1\r\nHost: a.test:${server.port}\r\n\r\n`);
  match(await client.rest(), /^HTTP\/1\.1 200 OK|^$/);
});

test("what two programs could read in two ways is refused", async () => {
  using proxy = await start();
  const host = "Host: a.test\r\n";
  const requests = [
    "hello\r\n\r\n",
    "\x16\x03\x01\x02\r\n\r\n",
    `GET http://a.test/ HTTP/2.0\r\n${host}\r\n`,
    `GET  http://a.test/ HTTP/1.1\r\n${host}\r\n`,
    `GET http://a.test/ HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
    `GET http://a.test/ HTTP/1.1\r\n${host}X : a\r\n\r\n`,
    `GET http://a.test/ HTTP/1.1\n${host}\n`,
    `GET http://a.test/ HTTP/1.1\r\n${host}X: a\rHost: b.test\r\n\r\n`,
    `GET http://a.test/ HTTP/1.1\r\n${host}X: a\nHost: b.test\r\n\r\n`,
    `GET http://a.test/ HTTP/1.1\r\n${host}${host}\r\n`,
    `GET http://me@a.test/ HTTP/1.1\r\n${host}\r\n`,
    `GET https://a.test/ HTTP/1.1\r\n${host}\r\n`,
    "GET / HTTP/1.1\r\n\r\n",
    "CONNECT a.test HTTP/1.1\r\n\r\n",
    `POST http://a.test/ HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
    `POST http://a.test/ HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\n`,
    `POST http://a.test/ HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `POST http://a.test/ HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    `POST http://a.test/ HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ];
  for (const request of requests) {
    const client = await proxy.connect();
    client.send(request);
    client.socket.end();
    match(
      await client.rest(),
      /^HTTP\/1\.1 400 Bad Request\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/,
      JSON.stringify(request),
    );
  }
  strictEqual(proxy.written.length, 0);
});

test("a Host header must name the target, with its port", async () => {
  using proxy = await start();
  const mismatches = [
    "GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "GET http://a.test:81/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:22\r\n\r\n",
  ];
  for (const request of mismatches) {
    const client = await proxy.connect();
    client.send(request);
    client.socket.end();
    match(await client.rest(), /^HTTP\/1\.1 400 [^]*\r\n\r\nHost header does not match request target$/);
  }
});

test("a head that is too long is refused", async () => {
  using proxy = await start();
  const client = await proxy.connect();
  client.send(`GET http://a.test/ HTTP/1.1\r\nX: ${"x".repeat(70_000)}\r\n\r\n`);
  match(await client.rest(), /^HTTP\/1\.1 431 /);
});

test("a tunnel carries anything, half of it ends alone", async () => {
  await using server = await listen((socket) => {
    const parts: Uint8Array[] = [];
    socket.on("data", (bytes: Uint8Array) => parts.push(bytes));
    socket.on("end", () => socket.end(`got ${parts.reduce((sum, { length }) => sum + length, 0)}`));
  });
  using proxy = await start();
  const client = await proxy.connect();
  // What is sent ahead of the answer belongs to the tunnel.
  client.send(`CONNECT a.test:${server.port} HTTP/1.1\r\nHost: a.test:${server.port}\r\n\r\n\0\x01`);
  await client.expect(/^HTTP\/1\.1 200 OK\r\n\r\n/);
  client.send("xyz");
  client.socket.end();
  strictEqual(await client.rest(), "got 5");
});

test("a tunnel that is not allowed, and one to nobody", async () => {
  using proxy = await start({ domains: { "a.test": "allow" } });
  const client = await proxy.connect();
  client.send("CONNECT b.test:443 HTTP/1.1\r\n\r\n");
  match(
    await client.expect(/allowlist\./),
    /^HTTP\/1\.1 403 Forbidden\r\ncontent-type: text\/plain\r\nx-proxy-error: blocked-by-allowlist\r\n[^]*Domain not in allowlist\.$/,
  );
  client.send("CONNECT a.test:1 HTTP/1.1\r\n\r\n");
  match(await client.expect(/upstream failure/), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
  client.socket.destroy();
});

test("a request for a Unix socket is refused and written down", async () => {
  using proxy = await start();
  const client = await proxy.connect();
  client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nX-Unix-Socket: /run/docker.sock\r\n\r\n");
  match(await client.rest(), /^HTTP\/1\.1 501 Not Implemented\r\n[^]*unix sockets unsupported$/);
  const [{ request, reason, source, scope }] = proxy.written as [Decision];
  deepStrictEqual([request.host, request.port, reason, source, scope], [
    "unix-socket",
    0,
    "unix_socket_unsupported",
    "proxy_state",
    "non_domain",
  ]);
});

test("SOCKS5 connects by name and by address", async () => {
  await using server = await answering(ok("hello"));
  using proxy = await start({
    domains: { "a.test": "allow", "127.0.0.1": "allow" },
    allowsLocal: false,
    resolve: undefined,
  });
  const port = [server.port >> 8, server.port & 255];
  const client = await proxy.connectSocks();
  client.send(Uint8Array.of(5, 2, 2, 0));
  // deno-lint-ignore no-control-regex -- the bytes of SOCKS
  await client.expect(/^\x05\x00/);
  client.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, ...port));
  // deno-lint-ignore no-control-regex -- the bytes of SOCKS
  await client.expect(/^\x05\x00\x00\x01\x00{6}/);
  client.send("GET / HTTP/1.1\r\n\r\n");
  match(await client.rest(), /hello$/);
  strictEqual(proxy.written[0]!.request.method, undefined);
});

test("SOCKS5 says what it does not do", async () => {
  using proxy = await start({ domains: {}, resolve: undefined });
  const said = async (...bytes: number[]) => {
    const client = await proxy.connectSocks();
    client.send(Uint8Array.of(5, 1, 0, ...bytes));
    client.socket.end();
    return [...await client.rest()].map((char) => char.charCodeAt(0)).slice(0, 4).join(" ");
  };
  strictEqual(await said(5, 1, 0, 3, 1, 120, 0, 80), "5 0 5 2"); // not allowed
  strictEqual(await said(5, 3, 0, 1, 0, 0, 0, 0, 0, 0), "5 0 5 7"); // UDP
  strictEqual(await said(5, 2, 0, 1, 0, 0, 0, 0, 0, 0), "5 0 5 7"); // listening
  strictEqual(await said(5, 1, 0, 9, 0, 0), "5 0 5 8"); // an address of no kind
  const old = await proxy.connectSocks();
  old.send(Uint8Array.of(4, 1, 0, 80, 1, 1, 1, 1, 0));
  strictEqual(await old.rest(), "");
  const secret = await proxy.connectSocks();
  secret.send(Uint8Array.of(5, 1, 2));
  strictEqual(await secret.rest(), "\x05\xff");
});

test("who asks waits until the decision is written down", async () => {
  const room = Promise.withResolvers<void>();
  const recorded = Promise.withResolvers<void>();
  const record = () => {
    recorded.resolve();
    return room.promise;
  };
  using proxy = await start({ domains: {}, record });
  const client = await proxy.connect();
  client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
  let isAnswered = false;
  const answered = client.expect(/403/).then(() => isAnswered = true);
  await recorded.promise;
  // Whoever asks later for what needs no decision is answered before.
  const other = await proxy.connect();
  other.send("nonsense\r\n\r\n");
  await other.expect(/400/);
  other.socket.destroy();
  strictEqual(isAnswered, false);
  room.resolve();
  await answered;
  client.socket.destroy();
});

test("a reader that rests holds its server up, and loses nothing", async () => {
  const size = 256 * 1024 * 1024;
  let written = 0;
  await using server = await listen((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const more = () => {
        while (written < size) {
          written += 65_536;
          if (!socket.write(new Uint8Array(65_536))) return void socket.once("drain", more);
        }
      };
      more();
    });
  });
  using proxy = await start();
  const client = await proxy.connect();
  client.send(`GET http://a.test:${server.port}/ HTTP/1.1\r\nHost: a.test:${server.port}\r\n\r\n`);
  await client.expect(/\r\n\r\n/);
  client.socket.pause();
  // Until nothing moves any more: what the kernel and both ends hold is far less.
  for (let before = -1; before !== written;) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  strictEqual(written < size / 2, true, `${written} bytes were taken`);
  client.socket.resume();
  await client.take(32 * 1024 * 1024);
  client.socket.destroy();
});

test("the end of a proxy ends everything in it", async () => {
  const opened = Promise.withResolvers<Socket>();
  await using server = await listen((socket) => opened.resolve(socket));
  using proxy = await start();
  const client = await proxy.connect();
  client.send(`CONNECT a.test:${server.port} HTTP/1.1\r\n\r\n`);
  await client.expect(/200 OK\r\n\r\n/);
  const far = await opened.promise;
  const closed = new Promise((resolve) => far.once("close", resolve));
  proxy.proxy.close();
  await client.rest();
  far.resume();
  await closed;
  strictEqual(proxy.proxy.connections, 0);
});
