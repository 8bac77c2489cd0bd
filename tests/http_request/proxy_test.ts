import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { proxyFor } from "../../src/http_request/proxy.ts";
import { runtimes, startOperations } from "../support/callable.ts";
import { headerLines, listenRaw } from "../support/raw_http_peer.ts";

Deno.test("proxyFor picks the variable of the scheme, then the one for all", () => {
  const chosen = (url: string, environment: Record<string, string>) =>
    proxyFor(new URL(url), environment)?.host;
  strictEqual(chosen("http://a.test/", {}), undefined);
  strictEqual(chosen("http://a.test/", { HTTP_PROXY: "http://p:1", http_proxy: "http://q:1" }), "p:1");
  strictEqual(chosen("http://a.test/", { http_proxy: "q:1", ALL_PROXY: "http://p:1" }), "q:1");
  strictEqual(chosen("http://a.test/", { HTTP_PROXY: "", ALL_PROXY: "http://p:1" }), "p:1");
  strictEqual(chosen("https://a.test/", { HTTP_PROXY: "http://p:1" }), undefined);
  strictEqual(chosen("https://a.test/", { https_proxy: "http://p:1" }), "p:1");
  strictEqual(chosen("https://a.test/", { all_proxy: "http://p:1" }), "p:1");
});

Deno.test("proxyFor does not let a CGI program's peer choose the proxy", () => {
  const environment = { REQUEST_METHOD: "GET", HTTP_PROXY: "http://evil:1", HTTPS_PROXY: "http://p:1" };
  strictEqual(proxyFor(new URL("http://a.test/"), environment), undefined);
  strictEqual(proxyFor(new URL("https://a.test/"), environment)?.host, "p:1");
});

Deno.test("proxyFor goes directly to what NO_PROXY lists", () => {
  const direct = (url: string, list: string) =>
    proxyFor(new URL(url), { HTTP_PROXY: "http://p:1", NO_PROXY: list }) === undefined;
  for (const list of ["a.test", ".a.test", "A.TEST", " x , a.test ", "*"]) {
    strictEqual(direct("http://a.test/", list), true, list);
    strictEqual(direct("http://b.a.test/", list), true, list);
  }
  strictEqual(direct("http://xa.test/", "a.test"), false);
  for (const list of ["127.0.0.1", "127.0.0.0/8", "*"]) {
    strictEqual(direct("http://127.0.0.1/", list), true, list);
  }
  for (const list of ["127.0.0.2", "10.0.0.0/8", "127.0.0.0/99", "0.0.1"]) {
    strictEqual(direct("http://127.0.0.1/", list), false, list);
  }
  for (const list of ["::1", "[::1]", "::/64"]) strictEqual(direct("http://[::1]/", list), true, list);
});

Deno.test("proxyFor fails where it cannot go through the proxy that is named", () => {
  for (const proxy of ["socks5://p:1", "https://p:1", "http://"]) {
    throws(() => proxyFor(new URL("http://a.test/"), { HTTP_PROXY: proxy }), {
      name: "OperationError",
      code: "FAILED",
    });
  }
});

for (const runtime of runtimes) {
  Deno.test(`http/request on ${runtime} tells a proxy the whole address and its credentials`, async () => {
    await using proxy = listenRaw((_request, connection) =>
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    );
    const env = {
      HTTP_PROXY: `http://us:pw@127.0.0.1:${proxy.port}`,
      NO_PROXY: undefined,
      no_proxy: undefined,
    };
    await using operations = startOperations(runtime, { env });
    const url = "http://a.test/x?y=1#part";
    const { result } = await operations.call("http/request", { method: "GET", url, requestId: "r" });
    strictEqual(result.status, 200);
    strictEqual(proxy.requests[0]!.head.split("\r\n")[0], "GET http://a.test/x?y=1 HTTP/1.1");
    deepStrictEqual(headerLines(proxy.requests[0]!).slice(0, 4), [
      ["accept", "*/*"],
      ["accept-encoding", "zstd,gzip"],
      ["host", "a.test"],
      ["proxy-authorization", "Basic dXM6cHc="],
    ]);
  });

  Deno.test(`http/request on ${runtime} says so when a proxy opens no tunnel`, async () => {
    await using proxy = listenRaw((_request, connection) =>
      connection.write("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
    );
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: undefined, no_proxy: undefined };
    await using operations = startOperations(runtime, { env });
    const { error } = await operations.call("http/request", {
      method: "GET",
      url: "https://a.test/",
      requestId: "r",
    });
    strictEqual(error.code, -32603);
    match(error.message, /^http\/request failed: .*: the proxy answered 407 to CONNECT a\.test:443$/);
    match(proxy.requests[0]!.head, /^CONNECT a\.test:443 HTTP\/1\.1\r\nHost: a\.test:443/);
  });
}
