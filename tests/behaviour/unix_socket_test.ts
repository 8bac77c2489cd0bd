import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import type { ConnectionState } from "../../src/client/connection_state.ts";
import { ConnectionError } from "../../src/transport/transport.ts";
import { collect, nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { upgradeHeaders } from "../support/raw_http.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A server on a Unix socket. */
async function serveOn(path: string, ...flags: string[]): Promise<ServerProcess> {
  return await startServer({ command: [...serverCommand(), "serve", "--listen", `unix:${path}`, ...flags] });
}

/** The status that a WebSocket handshake over a socket gets. */
function handshake(path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: "/", headers: { ...upgradeHeaders, ...headers } });
    asked.on("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode!);
    });
    asked.on("response", ({ statusCode }) => {
      asked.destroy();
      resolve(statusCode!);
    });
    asked.on("error", reject);
    asked.end();
  });
}

Deno.test("a Unix socket serves as an address does", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/a b:c%41.sock`;
  await using server = await serveOn(path);
  ok(server.url);
  for (const url of [`unix:${path}`, `unix://${path}`]) {
    await using client = await openClient(url);
    const script = "head -c 3000000 /dev/zero; echo err >&2; exit 3";
    const { exitCode, stdout, stderr } = await collect(
      await client.start(startParams("p", ["sh", "-c", script])),
    );
    deepStrictEqual([exitCode, stdout.length, textOf(stderr)], [3, 3_000_000, "err\n"]);
  }
});

Deno.test("run reaches a server by its Unix socket, and prints what serve printed", async () => {
  await using folder = new TempFolder();
  await using server = await serveOn(`${folder.path}/socket`);
  strictEqual(server.url, `unix://${folder.path}/socket`);
  const { code, text, stderr } = await runCommand([
    "run",
    "--url",
    server.url,
    "--",
    "sh",
    "-c",
    "cat; exit 4",
  ], {
    stdin: "in",
  });
  deepStrictEqual([code, text, stderr], [4, "in", ""]);
});

Deno.test("a connection that is cut is made again over the socket", async () => {
  await using folder = new TempFolder();
  await using _server = await serveOn(`${folder.path}/socket`);
  const carried = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(`${folder.path}/socket`);
    for (const socket of [near, far]) carried.add(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  proxy.listen(`${folder.path}/proxy`);
  await once(proxy, "listening");
  const states: string[] = [];
  const onConnection = ({ kind }: ConnectionState) => void states.push(kind);
  await using client = await openClient(`unix:${folder.path}/proxy`, {}, { onConnection });
  const script = "echo before; read line; echo after $line";
  const process = await client.start({ ...startParams("p", ["sh", "-c", script]), pipeStdin: true });
  const events = process[Symbol.asyncIterator]();
  await nextEvent(events, "output");
  for (const socket of carried) socket.destroy();
  const chunk = btoa("cut\n");
  await client.call("process/write", { processId: "p", chunk, writeId: "1" });
  strictEqual(textOf((await nextEvent(events, "output")).bytes), "after cut\n");
  deepStrictEqual(states, ["recovering", "connected"]);
  client.close();
  proxy.close();
});

Deno.test("only its user can open the socket, from the first moment", async () => {
  await using folder = new TempFolder();
  await using _server = await serveOn(`${folder.path}/socket`);
  strictEqual(statSync(`${folder.path}/socket`).mode & 0o777, 0o600);
});

Deno.test("the umask is not left changed for the server's processes", async () => {
  await using folder = new TempFolder();
  await using server = await serveOn(`${folder.path}/socket`);
  await using client = await openClient(server.url);
  const script = `umask; umask > ${folder.path}/file; stat -c %a ${folder.path}/file`;
  const { stdout } = await collect(await client.start(startParams("p", ["sh", "-c", script])));
  const [umask, mode] = textOf(stdout).trim().split("\n");
  strictEqual(parseInt(mode!, 8), 0o666 & ~parseInt(umask!, 8));
  ok(parseInt(umask!, 8) !== 0o177);
});

Deno.test("the socket is gone when the server is", async () => {
  await using folder = new TempFolder();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const server = await serveOn(`${folder.path}/socket`);
    await using _client = await openClient(server.url);
    strictEqual((await server.stop(signal)).code, 0);
    ok(!existsSync(`${folder.path}/socket`));
  }
});

Deno.test("the socket of a server that was killed is taken over", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  const killed = await serveOn(path);
  await killed.stop("SIGKILL");
  ok(existsSync(path));
  await rejects(openClient(`unix:${path}`), ConnectionError);
  await using server = await serveOn(path);
  await using client = await openClient(server.url);
  ok(client.sessionId);
});

Deno.test("a server that ends leaves the socket of its successor alone", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  await using first = await serveOn(path);
  await Deno.remove(path);
  await using second = await serveOn(path);
  strictEqual((await first.stop()).code, 0);
  await using client = await openClient(second.url);
  ok(client.sessionId);
  deepStrictEqual(readdirSync(folder.path), ["socket"]);
});

Deno.test("of servers that all find a killed one's socket, one has it and the others say so", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  await (await serveOn(path)).stop("SIGKILL");
  const started = await Promise.allSettled([serveOn(path), serveOn(path), serveOn(path)]);
  const servers = started.flatMap((start) => start.status === "fulfilled" ? [start.value] : []);
  strictEqual(servers.length, 1);
  await using server = servers[0]!;
  for (const start of started) {
    if (start.status === "rejected") match(String(start.reason), /a server listens there already/);
  }
  await using client = await openClient(server.url);
  ok(client.sessionId);
});

Deno.test("the socket of a living server is not", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  await using server = await serveOn(path);
  const { code, text, stderr } = await runCommand(["serve", "--listen", `unix:${path}`, "--log-level=off"]);
  deepStrictEqual([code, text], [125, ""]);
  strictEqual(
    stderr,
    `exec-server: Cannot listen on unix:${path}: a server listens there already; stop it, or give another path\n`,
  );
  await using client = await openClient(server.url);
  ok(client.sessionId);
});

Deno.test("what is no socket stays where it is", async () => {
  await using folder = new TempFolder();
  const path = await folder.write("file", "precious");
  symlinkSync(path, `${folder.path}/link`);
  const long = `${folder.path}/${"x".repeat(200)}`;
  const places: [string, RegExp][] = [
    [path, /: something that is no socket is there; give another path\n$/],
    [folder.path, /: something that is no socket is there; give another path\n$/],
    [`${folder.path}/link`, /: something that is no socket is there; give another path\n$/],
    [`${folder.path}/none/socket`, /: the directory does not exist; make it first\n$/],
    [long, /: the path is too long for a socket, which has room for 107 bytes; give a shorter one\n$/],
  ];
  for (const [place, message] of places) {
    const { code, stderr } = await runCommand(["serve", "--listen", `unix:${place}`, "--log-level=off"]);
    strictEqual(code, 125, place);
    match(stderr, message);
  }
  strictEqual(await Deno.readTextFile(path), "precious");
});

Deno.test("a page is refused on a socket too, and any host name is taken", async () => {
  await using folder = new TempFolder();
  const path = `${folder.path}/socket`;
  await using _server = await serveOn(path, "--allow-origin", "https://good.example");
  strictEqual(await handshake(path), 101);
  strictEqual(await handshake(path, { host: "anything.example" }), 101);
  strictEqual(await handshake(path, { origin: "https://evil.example" }), 403);
  strictEqual(await handshake(path, { origin: "https://good.example" }), 101);
});

Deno.test("a token is asked for on a socket too", async () => {
  await using folder = new TempFolder();
  const token = await folder.write("token", "s3cret");
  await using server = await serveOn(
    `${folder.path}/socket`,
    "--ws-auth=capability-token",
    `--ws-token-file=${token}`,
  );
  await rejects(openClient(server.url), /HTTP 401/);
  await using client = await openClient(server.url, { token: "s3cret" });
  ok(client.sessionId);
});

Deno.test("a socket that is not there is told", async () => {
  const { code, stderr } = await runCommand(["run", "--url", "unix:/tmp/no/such/socket", "--", "true"]);
  strictEqual(code, 125);
  match(stderr, /^exec-server: Cannot connect to unix:\/tmp\/no\/such\/socket: [^\n]*ENOENT[^\n]*\n$/);
});
