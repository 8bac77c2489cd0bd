import { match, strictEqual as is, throws } from "node:assert/strict";
import { explainClose, explainFailedAttempt } from "../../src/transport/connect_failure.ts";
import { isServerUrl, notServerUrl } from "../../src/transport/server_url.ts";
import { standardWebSocketConnector } from "../../src/transport/standard_web_socket_transport.ts";
import { webSocketConnector } from "../../src/transport/websocket_transport.ts";

for (
  const [text, meant] of [
    ["http://h:80/p", "ws://h:80/p"],
    ["https://h", "wss://h"],
    ["HTTP://h", "ws://h"],
    ["localhost:9000", "ws://localhost:9000"],
    ["127.0.0.1:9000/path", "ws://127.0.0.1:9000/path"],
    ["[::1]:9000", "ws://[::1]:9000"],
    ["9000", "ws://127.0.0.1:9000"],
    [":9000", "ws://127.0.0.1:9000"],
    ["/run/exec.sock", "unix:/run/exec.sock"],
    [" ws://h:1", "ws://h:1"],
    ["host", undefined],
    ["", undefined],
    ["unix:relative", undefined],
    ["ssh://h:22", undefined],
    ["ws://h:99999", undefined],
  ] as const
) {
  Deno.test(`"${text}" is no server's URL${meant ? `, but ${meant} is` : ""}`, () => {
    is(isServerUrl(text), false);
    const hint = meant ? `; did you mean ${meant}?` : "";
    const message =
      `A server's URL takes ws://HOST:PORT, wss://HOST:PORT or unix:/PATH, not "${text}"${hint}`;
    is(notServerUrl(text), message.slice("A server's URL ".length));
    throws(() => webSocketConnector(text), { name: "TypeError", message });
    throws(() => standardWebSocketConnector(text), { name: "TypeError", message });
  });
}

for (
  const [attempt, remedy] of [
    [
      { url: "ws://h:1", reason: "HTTP 401", status: 401, hasToken: false },
      /it needs a token, and none was given$/,
    ],
    [{ url: "ws://h:1", reason: "HTTP 401", status: 401, hasToken: true }, /it does not take this token$/],
    [{ url: "ws://h.example:1", reason: "HTTP 403", status: 403 }, /--allow-host h\.example$/],
    [{ url: "ws://h:1", reason: "HTTP 400", status: 400 }, /did you mean wss:\/\/h:1\?$/],
    [{ url: "ws://h:1/p", reason: "socket hang up" }, /did you mean wss:\/\/h:1\/p\?$/],
    [{ url: "ws://h:1", reason: "connect ECONNREFUSED" }, /^connect ECONNREFUSED$/],
    [
      { url: "wss://h:1", reason: "SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER" },
      /did you mean ws:\/\/h:1\?$/,
    ],
    [
      { url: "wss://h:1", reason: "corrupt message of type InvalidContentType" },
      /did you mean ws:\/\/h:1\?$/,
    ],
    [{ url: "wss://h:1", reason: "self-signed certificate" }, /NODE_EXTRA_CA_CERTS=FILE/],
    [{ url: "wss://h:1", reason: "self signed certificate" }, /NODE_EXTRA_CA_CERTS=FILE/],
    [
      { url: "wss://h:1", reason: "self-signed certificate", trustsHostAsAuthority: () => true },
      /basicConstraints=critical,CA:FALSE/,
    ],
    [
      { url: "wss://h:1", reason: "does not match certificate's altnames" },
      /must name h as a subjectAltName$/,
    ],
    [{ url: "unix:/s", reason: "connect ENOENT /s" }, /^connect ENOENT \/s$/],
  ] as const
) {
  Deno.test(`a remedy for ${attempt.reason}, ${remedy.source}`, () => {
    match(explainFailedAttempt({ hasToken: false, ...attempt }), remedy);
  });
}

Deno.test("a close is told by what the other end said, or by what its code means", () => {
  is(explainClose(1011, "out of memory"), "out of memory");
  is(explainClose(1006, ""), "closed with code 1006: it broke off without a word");
  is(explainClose(4000, ""), "closed with code 4000");
});
