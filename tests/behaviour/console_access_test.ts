/** Who gets into the console of a server, by HTTP spoken by hand: what no browser would do, and what it cannot show. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request, type RequestOptions } from "node:http";
import { request as requestByTls } from "node:https";
import { gunzipSync } from "node:zlib";
import { Authority } from "../support/certificates.ts";
import { runCommand } from "../support/command.ts";
import { firstLink, startConsole } from "../support/console_page.ts";
import { get, rawRequest, upgradeHeaders } from "../support/raw_http.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array;
  readonly text: string;
}

/** Sends a request to a server, whatever its header lines say. */
async function send(
  { url }: ServerProcess,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: string; readonly ca?: string } = {},
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url);
  const begin = protocol === "wss:" ? requestByTls : request;
  const sent = begin({ hostname, port, path, agent: false, ...options });
  sent.end(body);
  const [answer] = await once(sent, "response") as [IncomingMessage];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of answer) parts.push(part);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const { statusCode: status, headers } = answer;
  return { status: status!, headers, body: bytes, text: new TextDecoder().decode(bytes) };
}

const codeOf = (link: string) => /#login=(\S+)/.exec(link)![1]!;

function logIn(server: ServerProcess, link: string, headers: Record<string, string> = {}, ca?: string) {
  const body = JSON.stringify({ code: codeOf(link) });
  return send(server, "/console/login", { method: "POST", headers, body, ...ca && { ca } });
}

const cookieOf = ({ headers }: Answer) => headers["set-cookie"]![0]!.split(";")[0]!;

/** What the endpoint for pages answers an upgrade. */
async function upgrade({ url }: ServerProcess, headers: Record<string, string>): Promise<number> {
  return (await rawRequest(
    url,
    get("/console/ws", { Host: new URL(url).host, ...upgradeHeaders, ...headers }),
  )).status;
}

Deno.test("a page is served as its link said, until somebody logs out", async () => {
  await using server = await startConsole();
  const { host } = new URL(server.url);
  const origin = `http://${host}`;
  const link = (await runCommand(["console", "--url", server.url, "--role", "view"])).text;
  const cookie = cookieOf(await logIn(server, link, { origin }));
  assert.equal(await upgrade(server, { origin }), 401);
  assert.equal(await upgrade(server, { origin, cookie: `${cookie}x` }), 401);
  using page = await Wire.open(`${server.url}/console/ws`, { headers: { origin, cookie } });
  await page.initialize();
  await page.request("process/listAll", {});
  await assert.rejects(page.request("fs/readFile", { path: "file:///etc/passwd" }), /role/);
  await assert.rejects(page.request("console/link", { role: "full" }), /role/);
  const { status } = await send(server, "/console/logout", { method: "POST", headers: { cookie, origin } });
  assert.equal(status, 204);
  await page.closed;
  assert.equal(await upgrade(server, { origin, cookie }), 401);
});

Deno.test("no page of another origin is let in by a cookie, not even one that programs' endpoint takes", async () => {
  await using server = await startConsole(["--allow-origin", "http://friend.example"]);
  const { host, port } = new URL(server.url);
  const link = await firstLink(server);
  const cookie = cookieOf(await logIn(server, link));
  const foreign = [
    "http://evil.example",
    "http://friend.example",
    `https://${host}`,
    "http://127.0.0.1:1",
    "null",
    "",
  ];
  for (const origin of foreign) {
    assert.equal(await upgrade(server, { cookie, origin }), 403, origin);
    assert.equal(
      (await send(server, "/console/session", { headers: { cookie, origin } })).status,
      403,
      origin,
    );
  }
  for (const name of ["evil.example", `evil.example:${port}`]) {
    const headers = { cookie, origin: `http://${name}` };
    assert.equal(await upgrade(server, { ...headers, Host: name }), 403, name);
    assert.equal((await send(server, "/console", { headers: { ...headers, host: name } })).status, 403, name);
  }
  assert.equal((await send(server, "/", { headers: { cookie, origin: `http://${host}` } })).status, 403);
});

Deno.test("files of the page are sent compressed, and not twice, and nothing else is a file", async () => {
  await using server = await startConsole();
  const path = "/console/assets/page.js";
  const plain = await send(server, path);
  const compressed = await send(server, path, { headers: { "accept-encoding": "br, gzip" } });
  assert.equal(compressed.headers["content-encoding"], "gzip");
  assert.equal(gunzipSync(compressed.body).toString(), plain.text);
  const again = await send(server, path, { headers: { "if-none-match": plain.headers.etag! } });
  assert.deepEqual([again.status, again.text], [304, ""]);
  for (const name of ["..%2fpage.js", "..%2f..%2fconsole.ts", "__proto__", "toString", ""]) {
    assert.equal((await send(server, `/console/assets/${name}`)).status, 404, name);
  }
  assert.equal((await send(server, "/consoles")).status, 404);
  const policy = String((await send(server, "/console")).headers["content-security-policy"]);
  assert.ok(!/https?:|\*|script-src[^;]*(unsafe-inline| 'unsafe-eval)/.test(policy), policy);
});

Deno.test("behind a proxy the link and the login are the proxy's", async () => {
  await using folder = new TempFolder();
  const auth = [
    "--ws-auth",
    "capability-token",
    "--ws-token-file",
    await folder.write("token", "0".repeat(64)),
  ];
  const args = [...auth, "--behind-proxy", "--allow-host", "exec.example.com"];
  await using server = await startConsole(args, "ws://0.0.0.0:0");
  const link = await firstLink(server);
  assert.match(link, /^https:\/\/exec\.example\.com\/console#login=/);
  const local = `ws://127.0.0.1:${new URL(server.url).port}`;
  const made = await runCommand(["console", "--url", local, "--token-file", `${folder.path}/token`]);
  assert.match(made.text, /^https:\/\/exec\.example\.com\/console#login=/);
  const headers = { host: "exec.example.com", origin: "https://exec.example.com" };
  assert.equal((await logIn(server, link, { ...headers, origin: "http://exec.example.com" })).status, 403);
  assert.match((await logIn(server, link, headers)).headers["set-cookie"]![0]!, /; Secure/);
});

Deno.test("by TLS and by a Unix socket, links are https:// and cookies are for TLS alone", async () => {
  await using authority = await Authority.create();
  await using folder = new TempFolder();
  const { cert, key } = await authority.issue();
  const tls = ["--tls-cert", cert, "--tls-key", key];
  const socket = `unix:${folder.path}/socket`;
  await using server = await startConsole([...tls, "--listen", socket], "wss://127.0.0.1:0");
  const origin = server.url.replace("wss", "https");
  const link = (await runCommand(["console", "--url", socket])).text;
  assert.ok(link.startsWith(`${origin}/console#login=`), link);
  const ca = await Deno.readTextFile(authority.cert);
  assert.match((await logIn(server, link, { origin }, ca)).headers["set-cookie"]![0]!, /; Secure/);
});
