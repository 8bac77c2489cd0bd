import { match, ok, strictEqual } from "node:assert/strict";
import { get, rawRequest, upgradeHeaders } from "../support/raw_http.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";

/** Runs steps against one server, since a start costs more than a request. */
function group(name: string, args: string[], steps: (server: ServerProcess) => Promise<void>): void {
  Deno.test(name, async () => {
    await using server = await startServer({ args: ["--log-level", "off", ...args] });
    await steps(server);
  });
}

/** The status that a WebSocket handshake with these headers gets. */
async function handshake(
  server: ServerProcess,
  headers: Record<string, string | undefined>,
): Promise<number> {
  const request = get("/", { Host: new URL(server.url).host, ...upgradeHeaders, ...headers });
  return (await rawRequest(server.url, request)).status;
}

group("a host name that is not the server's own is refused", ["--allow-host", "My.Host"], async (server) => {
  const { port } = new URL(server.url);
  const own = [
    "localhost",
    `localhost:${port}`,
    "LocalHost:1",
    "localhost.",
    "127.0.0.1",
    `127.0.0.1:${port}`,
    "127.1.2.3",
    "[::1]",
    `[::1]:${port}`,
    "my.host",
    `MY.HOST:${port}`,
    "my.host.:80",
  ];
  for (const host of own) strictEqual(await handshake(server, { Host: host }), 101, host);
  const strange = [
    "evil.example",
    `evil.example:${port}`,
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "x.my.host",
    "foo.localhost",
    "10.0.0.1",
    "0.0.0.0",
    "2130706433",
    "127.1",
    "localhost,evil.example",
  ];
  for (const host of strange) strictEqual(await handshake(server, { Host: host }), 403, host);
  const { body } = await rawRequest(server.url, get("/readyz", { Host: "evil.example" }));
  match(body, /: --allow-host evil\.example admits it/);
});

group("a host header that is none is refused one way or the other", [], async (server) => {
  const wrong = [
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1",
    "localhost:80:80",
    "localhost:port",
    "::1",
    "[localhost]",
    "[::1%25lo]",
    "localhost/",
    "evil.example#localhost",
    "evil.example\\@localhost",
    "xn--localhost",
  ];
  for (const host of wrong) {
    const status = await handshake(server, { Host: host });
    ok(status === 403 || status === 400, `${host}: ${status}`);
  }
  strictEqual(await handshake(server, { Host: undefined }), 400);
  strictEqual(await handshake(server, { Host: "" }), 400);
  for (const hosts of [["localhost", "evil.example"], ["evil.example", "localhost"]]) {
    const request = [...get("/", upgradeHeaders), ...hosts.map((host) => `Host: ${host}`)];
    const { status } = await rawRequest(server.url, request);
    ok(status === 403 || status === 400, `two hosts: ${status}`);
  }
});

group("any Origin is refused on any path, with or without an upgrade", [], async (server) => {
  for (
    const origin of [
      "https://evil.example",
      "null",
      "",
      "http://localhost",
      `http://${new URL(server.url).host}`,
    ]
  ) {
    strictEqual(await handshake(server, { Origin: origin }), 403, origin);
    for (const path of ["/", "/readyz", "/healthz", "/nowhere"]) {
      const { status, body } = await rawRequest(server.url, get(path, { Host: "localhost", Origin: origin }));
      strictEqual(status, 403, `${path} ${origin}`);
      strictEqual(body, "");
    }
  }
  const preflight = ["OPTIONS / HTTP/1.1", "Host: localhost", "Origin: https://evil.example"];
  strictEqual((await rawRequest(server.url, preflight)).status, 403);
});

group(
  "an allowed Origin is let in, as it is and alone",
  ["--allow-origin", "https://OK.example:443/", "--allow-origin=http://two.example:8080"],
  async (server) => {
    for (const origin of ["https://ok.example", "http://two.example:8080"]) {
      strictEqual(await handshake(server, { Origin: origin }), 101, origin);
    }
    for (const origin of ["http://ok.example", "https://ok.example:444", "https://ok.example.evil", "null"]) {
      strictEqual(await handshake(server, { Origin: origin }), 403, origin);
    }
    const both = [
      ...get("/", { Host: "localhost", ...upgradeHeaders }),
      "Origin: https://ok.example",
      "Origin: null",
    ];
    strictEqual((await rawRequest(server.url, both)).status, 403);
  },
);

group("the health probes answer without a token, and only to GET and HEAD", [
  "--ws-auth",
  "capability-token",
  "--ws-token-sha256",
  "0".repeat(64),
], async (server) => {
  for (const path of ["/readyz", "/healthz"]) {
    for (const headers of [{}, upgradeHeaders, { Connection: "Upgrade", Upgrade: "h2c" }]) {
      const { status, body } = await rawRequest(server.url, get(path, { Host: "localhost", ...headers }));
      strictEqual(`${status} ${body}`, "200 ");
    }
    strictEqual((await rawRequest(server.url, [`HEAD ${path} HTTP/1.1`, "Host: localhost"])).status, 200);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const request = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Content-Length: 0"];
      const { status, headers } = await rawRequest(server.url, request);
      strictEqual(status, 405, method);
      strictEqual(headers.get("allow"), "GET,HEAD");
    }
  }
});

group("other paths do not exist", [], async (server) => {
  for (const path of ["/nowhere", "/readyz/", "//", "/index.html"]) {
    for (const headers of [{}, upgradeHeaders]) {
      strictEqual(
        (await rawRequest(server.url, get(path, { Host: "localhost", ...headers }))).status,
        404,
        path,
      );
    }
  }
});

group("a request that is no handshake is told what it lacks", [], async (server) => {
  const lacks: [header: string, values: (string | undefined)[]][] = [
    ["Connection", [undefined, "close", "keep-alive"]],
    ["Upgrade", [undefined, "h2c", "websocket2"]],
    ["Sec-WebSocket-Version", [undefined, "12", "8", "x"]],
    ["Sec-WebSocket-Key", [undefined, "abc", "!".repeat(24), btoa("x".repeat(15)), btoa("x".repeat(17))]],
  ];
  for (const [header, values] of lacks) {
    for (const value of values) {
      const request = get("/", { Host: "localhost", ...upgradeHeaders, [header]: value });
      const { status, headers, body } = await rawRequest(server.url, request);
      strictEqual(status, 400, `${header}: ${value}`);
      match(headers.get("content-type") ?? "", /^text\/plain/);
      match(body, header === "Upgrade" ? /`Upgrade`/ : new RegExp(`\`${header}\``));
    }
  }
  match(
    (await rawRequest(server.url, get("/", { Host: "localhost" }))).body,
    /^This is a WebSocket endpoint: /,
  );
  const post = ["POST / HTTP/1.1", "Host: localhost", "Content-Length: 0"];
  strictEqual((await rawRequest(server.url, post)).status, 405);
});

group("a handshake may have a query, subprotocols and extensions, which are ignored", [], async (server) => {
  const request = get("/?token=a&b", {
    Host: "localhost",
    ...upgradeHeaders,
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "WebSocket",
    "Sec-WebSocket-Protocol": "a, b",
    "Sec-WebSocket-Extensions": "permessage-deflate",
    "Authorization": "Basic unasked",
  });
  const { status, headers } = await rawRequest(server.url, request);
  strictEqual(status, 101);
  strictEqual(headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  strictEqual(headers.get("sec-websocket-protocol"), undefined);
  strictEqual(headers.get("sec-websocket-extensions"), undefined);
});

group("what is no HTTP disturbs nobody", [], async (server) => {
  const { hostname, port } = new URL(server.url);
  for (const garbage of ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "HELLO\r\n\r\n", "\r\n\r\n\r\n"]) {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(new TextEncoder().encode(garbage));
  }
  const long = get("/readyz", { Host: "localhost", "X-Long": "y".repeat(200_000) });
  const status = await rawRequest(server.url, long).then(({ status }) => status, () => "closed");
  ok(status === 431 || status === "closed");
  strictEqual(await handshake(server, {}), 101);
});

Deno.test("a request that cannot be read is answered 4xx, and logged on lines of the log only", async () => {
  await using server = await startServer({ args: ["--log-format", "json"] });
  const upgrade = Object.entries(upgradeHeaders).map(([name, value]) => `${name}: ${value}`);
  const hosts = ["localhost:99999", "", "local host", "[::1", "a@localhost", "localhost/x", "%zz", ":80"];
  const requests = hosts.flatMap((host) => [
    ["GET / HTTP/1.1", `Host: ${host}`, ...upgrade],
    ["GET /readyz HTTP/1.1", `Host: ${host}`],
  ]);
  requests.push(["GET ? HTTP/1.1", "Host: localhost", ...upgrade]);
  requests.push(["OPTIONS * HTTP/1.1", "Host: localhost"]);
  for (const lines of requests) {
    const { status } = await rawRequest(server.url, lines);
    ok(status >= 400 && status < 500, `${status} for ${lines.slice(0, 2)}`);
  }
  // An absolute target is a proxy's way; a server may take it, and does not fail at it.
  for (const target of ["http://localhost:99999/", "http://[/"]) {
    const { status } = await rawRequest(server.url, [
      `GET ${target} HTTP/1.1`,
      "Host: localhost",
      ...upgrade,
    ]);
    ok(status < 500, `${status} for ${target}`);
  }
  await server.stop();
  for (const line of server.stderr().trim().split("\n")) {
    strictEqual(/"level":"(info|warn)"/.test(line), true, line);
    JSON.parse(line);
  }
});
