import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { runtimes, startOperations } from "../support/callable.ts";
import { headerLines, listenRaw, type RawHttpPeer } from "../support/raw_http_peer.ts";

/** `/to?STATUS&LOCATION` redirects there, `/count?N` to `/count?N-1` down to 0; anything else is `ok`. */
function redirecting(): RawHttpPeer {
  return listenRaw((request, connection) => {
    const to = /^\/to\?(\d+)&(.*)$/.exec(request.path);
    const count = Number(/^\/count\?(\d+)/.exec(request.path)?.[1] ?? 0);
    if (!to && count === 0) return connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const location = to ? to[2] : `/count?${count - 1}`;
    return connection.write(
      `HTTP/1.1 ${to?.[1] ?? 302} Go\r\nLocation: ${location}\r\nContent-Length: 3\r\n\r\nabc`,
    );
  });
}

for (const runtime of runtimes) {
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`http/request on ${runtime} ${name}`, body);

  test("follows ten redirects and no more", async () => {
    await using peer = redirecting();
    await using operations = startOperations(runtime);
    const ask = (path: string) =>
      operations.call("http/request", { method: "GET", url: peer.url + path, requestId: "r" });
    strictEqual((await ask("/count?10")).result.status, 200);
    deepStrictEqual(await ask("/count?11"), {
      error: { code: -32603, message: "http/request failed: too many redirects" },
    });
    strictEqual(peer.requests.length, 11 + 11);
  });

  test("answers a redirect as it is when asked to stop, or when it leads nowhere", async () => {
    await using peer = redirecting();
    await using operations = startOperations(runtime);
    const status = async (path: string, params = {}) => {
      const url = peer.url + path;
      return (await operations.call("http/request", { method: "GET", url, requestId: "r", ...params })).result
        .status;
    };
    strictEqual(await status("/to?307&/end", { redirectPolicy: "stop" }), 307);
    strictEqual(await status("/to?302&http://[::1/"), 302);
    for (const code of [300, 304, 305]) strictEqual(await status(`/to?${code}&/end`), code);
    strictEqual(await status("/to?302&end?y"), 200);
    strictEqual(peer.requests.at(-1)!.path, "/end?y");
  });

  test("leaves http and https for nothing", async () => {
    await using peer = redirecting();
    await using operations = startOperations(runtime);
    const url = `${peer.url}/to?302&file:///etc/passwd`;
    deepStrictEqual(await operations.call("http/request", { method: "GET", url, requestId: "r" }), {
      error: {
        code: -32603,
        message: "http/request failed: redirect target uses unsupported URL scheme: file",
      },
    });
  });

  test("keeps or drops method and body as the status says", async () => {
    await using peer = redirecting();
    await using operations = startOperations(runtime);
    const second = async (method: string, status: number) => {
      const url = `${peer.url}/to?${status}&/end`;
      const headers = [{ name: "Content-Type", value: "t/t" }, { name: "X-My", value: "m" }];
      await operations.call("http/request", { method, url, requestId: "r", headers, bodyBase64: "Qk9EWQ==" });
      const request = peer.requests.at(-1)!;
      match(request.head, /^X-My: m$/m);
      match(request.head, new RegExp(`^referer: ${RegExp.escape(url)}$`, "m"));
      const typed = /^Content-Type: t\/t$/m.test(request.head);
      return `${request.head.split(" ")[0]} ${new TextDecoder().decode(request.body)}${
        typed ? " typed" : ""
      }`;
    };
    for (const status of [301, 302, 303]) strictEqual(await second("POST", status), "GET ");
    for (const status of [307, 308]) strictEqual(await second("POST", status), "POST BODY typed");
    strictEqual(await second("PUT", 301), "PUT BODY typed");
    strictEqual(await second("PUT", 303), "GET ");
    strictEqual(await second("DELETE", 302), "DELETE BODY typed");
  });

  test("tells another origin no credentials", async () => {
    await using there = redirecting();
    await using here = redirecting();
    await using operations = startOperations(runtime, { env: { SECRET_VALUE: "secret" } });
    const sent = [
      { name: "Authorization", value: "secret" },
      { name: "Cookie", value: "secret" },
      { name: "X-Key", value: "", valueEnvVar: "SECRET_VALUE" },
      { name: "Host", value: "here.test" },
      { name: "X-My", value: "m" },
    ];
    const url = (target: string) => `${here.url}/to?307&${target}`;
    const ask = (url: string) =>
      operations.call("http/request", { method: "GET", url, requestId: "r", headers: sent });
    await ask(url(`http://us:pw@127.0.0.1:${there.port}/end`));
    const other = there.requests[0]!;
    doesNotMatch(other.head, /secret|here\.test|authorization/i);
    deepStrictEqual(headerLines(other).filter(([name]) => name !== "Connection"), [
      ["X-My", "m"],
      ["referer", `${here.url}/`],
      ["accept", "*/*"],
      ["accept-encoding", "zstd,gzip"],
      ["host", `127.0.0.1:${there.port}`],
    ]);
    await ask(url("/end"));
    const same = here.requests.at(-1)!;
    strictEqual(same.head.match(/secret/g)?.length, 3);
    match(same.head, /^Host: here\.test$/m);
  });
}
