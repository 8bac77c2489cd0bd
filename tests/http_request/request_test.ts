import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type CallableOptions, runtimes, startOperations } from "../support/callable.ts";
import { headerLines, listenRaw } from "../support/raw_http_peer.ts";

const plain = { method: "GET", requestId: "r" };
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

for (const runtime of runtimes) {
  const start = (options?: CallableOptions) => startOperations(runtime, options);
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`http/request on ${runtime} ${name}`, body);

  test("keeps the order, the case and the repeats of header lines both ways", async () => {
    await using peer = listenRaw((_request, connection) =>
      connection.write(
        "HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nX-b: 3\r\nset-cookie: b=2\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n",
      )
    );
    await using operations = start();
    const headers = [["X-Zed", "1"], ["accept-language", "x"], ["X-ZED", "2"], ["x-empty", ""]];
    const { result } = await operations.call("http/request", {
      ...plain,
      url: peer.url,
      headers: headers.map(([name, value]) => ({ name, value })),
    });
    deepStrictEqual(headerLines(peer.requests[0]!).slice(0, 4), headers);
    deepStrictEqual(result.headers, [
      { name: "x-b", value: "1" },
      { name: "x-a", value: "2" },
      { name: "set-cookie", value: "a=1" },
      { name: "x-b", value: "3" },
      { name: "set-cookie", value: "b=2" },
      { name: "x-empty", value: "" },
      { name: "content-length", value: "0" },
    ]);
  });

  test("carries header values beyond ASCII as UTF-8, and shows what is none by its bytes", async () => {
    await using peer = listenRaw((_request, connection) =>
      connection.write("HTTP/1.1 200 OK\r\nX-Utf: \xc3\xa9\r\nX-Latin: \xe9\r\nContent-Length: 0\r\n\r\n")
    );
    await using operations = start();
    const { result } = await operations.call("http/request", {
      ...plain,
      method: "POST",
      url: peer.url,
      headers: [{ name: "x", value: "é☃" }],
      bodyBase64: "aGk=",
    });
    match(peer.requests[0]!.head, /^x: \xc3\xa9\xe2\x98\x83$/m);
    deepStrictEqual(result.headers.slice(0, 2), [{ name: "x-utf", value: "é" }, {
      name: "x-latin",
      value: "é",
    }]);
  });

  test("carries every byte both ways", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await using peer = listenRaw(async (request, connection) => {
      await connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 256\r\n\r\n");
      await connection.writeBytes(request.body);
    });
    await using operations = start();
    const { result } = await operations.call("http/request", {
      ...plain,
      method: "PUT",
      url: peer.url,
      bodyBase64: bytes.toBase64(),
    });
    strictEqual(result.bodyBase64, bytes.toBase64());
    strictEqual(result.headers[0].value, "br");
  });

  test("adds what the client left out and frames the body itself", async () => {
    await using peer = listenRaw((_request, connection) => connection.write(ok));
    await using operations = start();
    const lines = async (params: object) => {
      strictEqual(
        (await operations.call("http/request", { ...plain, url: peer.url, ...params })).result?.status,
        200,
      );
      const sent = headerLines(peer.requests.at(-1)!).filter(([name]) => name !== "Connection");
      return sent.map(([name, value]) => `${name}: ${value}`);
    };
    const host = `host: 127.0.0.1:${peer.port}`;
    const encodings = "accept-encoding: zstd,gzip";
    deepStrictEqual(await lines({}), ["accept: */*", encodings, host]);
    deepStrictEqual(await lines({ method: "POST" }), ["accept: */*", encodings, host, "content-length: 0"]);
    deepStrictEqual(
      await lines({
        method: "POST",
        bodyBase64: "aGVsbG8=",
        headers: [
          { name: "Accept", value: "a/b" },
          { name: "Accept-Encoding", value: "identity" },
          { name: "Host", value: "own.test" },
          { name: "Content-Length", value: "3" },
          { name: "Transfer-Encoding", value: "chunked" },
        ],
      }),
      ["Accept: a/b", "Accept-Encoding: identity", "Host: own.test", "content-length: 5"],
    );
    strictEqual(new TextDecoder().decode(peer.requests.at(-1)!.body), "hello");
  });

  test("sends paths as URLs write them and takes user information for Basic authorization", async () => {
    await using peer = listenRaw((_request, connection) => connection.write(ok));
    await using operations = start();
    const url = `http://us%20er:p%3Aw@127.0.0.1:${peer.port}/p a/../b?x=é&y=%zz#part`;
    await operations.call("http/request", { ...plain, url });
    strictEqual(peer.requests[0]!.head.split("\r\n")[0], "GET /b?x=%C3%A9&y=%zz HTTP/1.1");
    match(peer.requests[0]!.head, /^authorization: Basic dXMgZXI6cDp3$/m);
    await operations.call("http/request", {
      ...plain,
      url,
      headers: [{ name: "Authorization", value: "own" }],
    });
    deepStrictEqual(headerLines(peer.requests[1]!).filter(([name]) => /authorization/i.test(name)), [[
      "Authorization",
      "own",
    ]]);
  });

  test("answers any status, answers without a body, and answers that end with the connection", async () => {
    await using peer = listenRaw((request, connection) =>
      connection.write(
        {
          "/404": "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone",
          "/204": "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n",
          "/999": "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
          "/early": `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${ok}`,
          "/upgraded": "HTTP/1.1 101 Switch\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nraw",
          "/close": "HTTP/1.1 200 OK\r\n\r\nuntil the end",
          "/chunked":
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
          "/long": `HTTP/1.1 200 OK\r\nLong: ${"x".repeat(100_000)}\r\nContent-Length: 2\r\n\r\nok`,
          "/head": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        }[request.path]!,
      )
    );
    await using operations = start();
    const answer = async (path: string, params = {}) => {
      const { result } = await operations.call("http/request", { ...plain, url: peer.url + path, ...params });
      return [result.status, atob(result.bodyBase64)];
    };
    deepStrictEqual(await answer("/404"), [404, "none"]);
    deepStrictEqual(await answer("/204"), [204, ""]);
    deepStrictEqual(await answer("/999"), [999, ""]);
    deepStrictEqual(await answer("/early"), [200, "ok"]);
    deepStrictEqual(await answer("/upgraded", { headers: [{ name: "Upgrade", value: "foo" }] }), [101, ""]);
    deepStrictEqual(await answer("/close"), [200, "until the end"]);
    deepStrictEqual(await answer("/chunked"), [200, "abc"]);
    deepStrictEqual(await answer("/long"), [200, "ok"]);
    deepStrictEqual(await answer("/head", { method: "HEAD" }), [200, ""]);
    deepStrictEqual(await answer("/404", { method: "OPTIONS" }), [404, "none"]);
  });

  test("answers a CONNECT with its status and no tunnel", async () => {
    await using peer = listenRaw((_request, connection) =>
      connection.write("HTTP/1.1 200 Connected\r\n\r\nraw")
    );
    await using operations = start();
    const { result } = await operations.call("http/request", { ...plain, method: "CONNECT", url: peer.url });
    deepStrictEqual([result.status, result.bodyBase64], [200, ""]);
    strictEqual(peer.requests[0]!.path, `127.0.0.1:${peer.port}`);
  });

  test("refuses what cannot be sent with -32602", async () => {
    await using operations = start({ env: { SECRET_VALUE: "s", EMPTY_VALUE: "", OPENAI_API_KEY: "k" } });
    const refusal = async (params: object) => {
      const { error } = await operations.call("http/request", {
        ...plain,
        url: "http://127.0.0.1:1/",
        ...params,
      });
      strictEqual(error?.code, -32602);
      return error.message;
    };
    const header = (name: string, value: string, valueEnvVar?: string) => ({
      headers: [{ name, value, valueEnvVar }],
    });
    strictEqual(
      await refusal({ url: "ftp://x/" }),
      "http/request only supports http and https URLs, got ftp",
    );
    strictEqual(await refusal({ url: "/rel" }), "http/request url is invalid: relative URL without a base");
    strictEqual(await refusal({ url: "http://" }), "http/request url is invalid: empty host");
    strictEqual(
      await refusal({ url: "http://h:99999/" }),
      "http/request url is invalid: invalid host or port",
    );
    strictEqual(await refusal({ method: "A B" }), "http/request method is invalid: invalid HTTP method");
    strictEqual(
      await refusal(header("a b", "")),
      "http/request header name is invalid: invalid HTTP header name",
    );
    strictEqual(
      await refusal(header("x", "a\nb")),
      "http/request header value is invalid for x: failed to parse header value",
    );
    strictEqual(
      await refusal(header("x", "", "NO_SUCH_VALUE")),
      "http/request header x requires executor environment variable NO_SUCH_VALUE",
    );
    strictEqual(
      await refusal(header("x", "", "A=B")),
      "http/request header x requires executor environment variable A=B",
    );
    strictEqual(
      await refusal(header("x", "", "EMPTY_VALUE")),
      "http/request header x requires a non-empty executor environment variable EMPTY_VALUE",
    );
    strictEqual(
      await refusal(header("x", "", "openai_Api_Key")),
      "http/request header x cannot use executor environment variable openai_Api_Key",
    );
    match(await refusal({ bodyBase64: "@@" }), /Invalid symbol 64, offset 0/);
  });

  test("appends a variable of the server's environment to a header's value", async () => {
    await using peer = listenRaw((_request, connection) => connection.write(ok));
    await using operations = start({ env: { SECRET_VALUE: "sésame" } });
    await operations.call("http/request", {
      ...plain,
      url: peer.url,
      headers: [{ name: "X-Key", value: "Bearer ", valueEnvVar: "SECRET_VALUE" }],
    });
    match(peer.requests[0]!.head, /^X-Key: Bearer s\xc3\xa9same$/m);
  });

  test("says why a peer could not be asked", async () => {
    await using peer = listenRaw((request, connection) =>
      request.path === "/garbage"
        ? connection.write("hello\r\n\r\n")
        : request.path === "/header"
        ? connection.write(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(1_000_000)}\r\n\r\n`)
        : undefined
    );
    await using operations = start();
    const failure = async (url: string) => {
      const { error } = await operations.call("http/request", { ...plain, url });
      strictEqual(error?.code, -32603);
      return error.message;
    };
    match(
      await failure("http://u:p@127.0.0.1:1/"),
      /^http\/request failed: .*\(http:\/\/127\.0\.0\.1:1\/\): .*ECONNREFUSED/,
    );
    match(await failure("http://no-such-host.invalid/"), /^http\/request failed: .*no-such-host\.invalid/);
    match(await failure(`${peer.url}/garbage`), /^http\/request failed: error sending request for url/);
    match(await failure(`${peer.url}/header`), /^http\/request failed: error sending request for url/);
    match(await failure(`${peer.url}/nothing`), /^http\/request failed: error sending request for url/);
  });
}
