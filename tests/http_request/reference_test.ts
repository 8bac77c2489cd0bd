import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Callable, runtimes, startOperations, startReference } from "../support/callable.ts";
import { headerLines, listenRaw } from "../support/raw_http_peer.ts";

/**
 * The same requests to the reference server and to our operations: what the peer saw and what was answered.
 *
 * Left out of the comparison: the reference writes header names in lower case and moves repeats to the first one's
 * place, keeps idle connections (`Connection`), gives a POST without a body no length, and says less of why a
 * request failed.
 */

const bodies: Record<string, string> = {
  "/headers":
    "HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nSet-Cookie: a=1\r\nX-Sp:   a  b \r\nContent-Length: 2\r\n",
  "/missing": "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n",
  "/empty": "HTTP/1.1 204 No Content\r\n",
  "/redirect": "HTTP/1.1 302 Found\r\nLocation: /headers?from=redirect\r\nContent-Length: 4\r\n",
  "/repeat": "HTTP/1.1 307 Again\r\nLocation: /headers#part\r\nContent-Length: 4\r\n",
  "/other": "HTTP/1.1 303 Other\r\nLocation: headers\r\nContent-Length: 4\r\n",
  "/nowhere": "HTTP/1.1 301 Moved\r\nLocation: http://[::1/\r\nContent-Length: 4\r\n",
  "/ftp": "HTTP/1.1 301 Moved\r\nLocation: ftp://x/\r\nContent-Length: 4\r\n",
  "/loop": "HTTP/1.1 301 Moved\r\nLocation: /loop\r\nContent-Length: 4\r\n",
  "/short": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
  "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
  "/garbage": "hello\r\n",
};

const url = (path: string) => ({ url: path });
const requests: Record<string, unknown>[] = [
  ...Object.keys(bodies).map(url),
  ...Object.keys(bodies).map((path) => ({ url: path, streamResponse: true })),
  ...["/redirect", "/repeat", "/other"].flatMap((url) => [
    { url, redirectPolicy: "stop" },
    { url, method: "POST", bodyBase64: "aGk=", headers: [{ name: "Content-Type", value: "t" }] },
    { url, method: "PUT", bodyBase64: "aGk=", headers: [{ name: "Cookie", value: "c" }] },
    { url, method: "HEAD" },
  ]),
  { url: "/headers?a b=é&c=%zz|{}#part", headers: [{ name: "x-é", value: "" }] },
  { url: "/headers?a b=é&c=%zz|{}#part", headers: [{ name: "x", value: "é☃" }] },
  {
    url: "/headers",
    headers: [{ name: "X-Z", value: "1" }, { name: "b", value: "" }, { name: "x-z", value: "2" }],
  },
  { url: "/headers", headers: [{ name: "Accept", value: "x" }, { name: "Host", value: "h" }] },
  { url: "/headers", headers: [{ name: "x", value: "a-", valueEnvVar: "COMPARED" }] },
  ...["OPENAI_API_KEY", "aws_secret_access_key", "COMPARED_EMPTY", "COMPARED_MISSING", "", "A=B"].map((
    valueEnvVar,
  ) => ({
    url: "/headers",
    headers: [{ name: "x", value: "", valueEnvVar }],
  })),
  ...["\r", "\t", "a\u007f", " a "].map((value) => ({ url: "/headers", headers: [{ name: "x", value }] })),
  { url: "/headers", method: "A B" },
  { url: "/headers", method: "PATCH", bodyBase64: "AAEC/w==" },
  { url: "/headers", method: "DELETE" },
  { url: "/headers", timeoutMs: null, bodyBase64: null },
];
const absolute = [
  "ftp://x/",
  "/rel",
  "",
  "http://",
  "http://h:99999/",
  "data:,x",
  "http://127.0.0.1:1/",
  "http://a b/",
];

for (const runtime of runtimes) {
  Deno.test(`http/request on ${runtime} does what the reference server does`, async () => {
    await using peer = listenRaw((request, connection) => {
      const head = bodies[request.path.replace(/\?.*$/, "")] ?? bodies["/missing"]!;
      const body = /chunked/.test(head)
        ? "2\r\nok\r\n0\r\n\r\n"
        : "body".slice(0, Number(/(\d)\r\n$/.exec(head)?.[1] ?? 0));
      return connection.write(
        `${head}Connection: close\r\n\r\n${request.head.startsWith("HEAD") ? "" : body}`,
      );
    });
    const env = {
      COMPARED: "value",
      COMPARED_EMPTY: "",
      OPENAI_API_KEY: "k",
      HTTP_PROXY: undefined,
      http_proxy: undefined,
    };
    await using reference = await startReference({ env });
    await using operations = startOperations(runtime, { env });
    const observe = async (callable: Callable, params: Record<string, unknown>) => {
      const before = peer.requests.length;
      const answer = await callable.call("http/request", { method: "GET", requestId: "r", ...params });
      const streamed = [];
      while (answer.result && params.streamResponse && streamed.at(-1)?.done !== true) {
        streamed.push((await callable.next()).params);
      }
      return {
        seen: peer.requests.slice(before).map((request) => ({
          line: request.head.split("\r\n")[0],
          body: new TextDecoder().decode(request.body),
          headers: grouped(headerLines(request).map(([name, value]) => ({ name, value }))),
        })),
        code: answer.error?.code,
        message: answer.error?.code === -32602 ? answer.error.message : undefined,
        status: answer.result?.status,
        headers: grouped(answer.result?.headers ?? []),
        body: (answer.result?.bodyBase64 ?? "") + streamed.map(({ deltaBase64 }) => deltaBase64).join(""),
        failed: streamed.at(-1)?.error ? true : false,
      };
    };
    for (const params of requests) {
      const whole = { ...params, url: peer.url + params.url };
      deepStrictEqual(
        await observe(operations, whole),
        await observe(reference, whole),
        JSON.stringify(params),
      );
    }
    for (const url of absolute) {
      const [ours, theirs] = [await observe(operations, { url }), await observe(reference, { url })];
      strictEqual(ours.code, theirs.code, url);
      if (!/h:99999|a b/.test(url)) strictEqual(ours.message, theirs.message);
    }
  });
}

/** Lower-case lines with repeats behind the first one, without what only one of the two sends. */
function grouped(lines: { name: string; value: string }[]): string[] {
  const byName = Map.groupBy(lines, ({ name }) => name.toLowerCase());
  byName.delete("connection");
  if (byName.get("content-length")?.[0]?.value === "0") byName.delete("content-length");
  return [...byName].flatMap(([name, same]) => same.map(({ value }) => `${name}: ${value}`));
}
