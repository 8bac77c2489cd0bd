/** Servers at `wss://`: who gets in, what they say of those who do not, and how certificates are renewed. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { Authority, type Certificate, openssl, replace, textsOf } from "../support/certificates.ts";
import { collect, openClient, startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { type ServerProcess, serverRuntime, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

const authority = await Authority.create();
const clientAuthority = await Authority.create("clients");
const stranger = await Authority.create("stranger");
const ca = await readFile(authority.cert, "utf8");

Deno.test.afterAll(async () => {
  for (const each of [authority, clientAuthority, stranger]) await each[Symbol.asyncDispose]();
});

function startTls({ cert, key }: Certificate, ...args: string[]): Promise<ServerProcess> {
  return startServer({ listen: "wss://127.0.0.1:0", args: ["--tls-cert", cert, "--tls-key", key, ...args] });
}

/** A handshake with a server. @throws {Error} where there is none */
async function handshake({ url }: ServerProcess, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), ca, ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** The serial number of what a server shows. */
async function shownSerial(server: ServerProcess): Promise<string> {
  const socket = await handshake(server);
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

async function serialOf({ cert }: Certificate): Promise<string> {
  return new X509Certificate(await readFile(cert)).serialNumber;
}

Deno.test("wss:// speaks TLS 1.2 and 1.3, and nothing older", async () => {
  await using server = await startTls(await authority.issue());
  assert.match(server.url, /^wss:\/\/127\.0\.0\.1:\d+$/);
  const { host } = new URL(server.url);
  const hello = ["s_client", "-brief", "-connect", host, "-CAfile", authority.cert];
  assert.match(await openssl([...hello, "-tls1_2"]), /Protocol version: TLSv1\.2/);
  assert.match(await openssl([...hello, "-tls1_3"]), /Protocol version: TLSv1\.3/);
  await assert.rejects(openssl([...hello, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]), /alert/);
});

Deno.test("a server is trusted by its authority alone, which a flag, a variable or an option names", async () => {
  await using server = await startTls(await authority.issue());
  const run = (flags: string[], env: Record<string, string> = {}) =>
    runCommand(["run", "--url", server.url, ...flags, "--", "echo", "hi"], { env });
  const trusting = [
    run(["--tls-ca", authority.cert]),
    run([], { EXEC_SERVER_TLS_CA: authority.cert }),
    run([], { SSL_CERT_FILE: authority.cert }),
    run([], { NODE_EXTRA_CA_CERTS: authority.cert }),
    run([], { SSL_CERT_FILE: stranger.cert, NODE_EXTRA_CA_CERTS: authority.cert }),
  ];
  for (const { text, stderr } of await Promise.all(trusting)) assert.equal(text, "hi\n", stderr);
  const [unknown, other] = await Promise.all([run([]), run(["--tls-ca", stranger.cert])]);
  assert.equal(unknown.code, 125);
  assert.match(unknown.stderr, /--tls-ca FILE or NODE_EXTRA_CA_CERTS=FILE lets this program trust it/);
  assert.equal(other.code, 125);
  assert.match(other.stderr, /none of the authorities in --tls-ca has signed it\n$/);
  await using client = await openClient(server.url, { tls: { ca } });
  const { stdout } = await collect(
    await client.start(startParams("p", ["head", "-c", "3000000", "/dev/zero"])),
  );
  assert.equal(stdout.length, 3_000_000);
});

Deno.test("with --tls-client-ca a client must show a certificate of that authority", async () => {
  await using server = await startTls(await authority.issue(), "--tls-client-ca", clientAuthority.cert);
  const alice = await clientAuthority.issue({ name: "alice" });
  const run = (...flags: string[]) =>
    runCommand(["run", "--url", server.url, "--tls-ca", authority.cert, ...flags, "--", "echo", "hi"]);
  const shown = ({ cert, key }: Certificate) => ["--tls-cert", cert, "--tls-key", key];
  assert.equal((await run(...shown(alice))).text, "hi\n");
  const ps = await runCommand(["ps", "--url", server.url, "--tls-ca", authority.cert, ...shown(alice)]);
  assert.match(ps.text, /^HANDLE /);
  const none = await run();
  assert.equal(none.code, 125);
  assert.match(none.stderr, /--tls-cert FILE --tls-key FILE, in the library tls\.cert and tls\.key\n$/);
  const mallory = await run(...shown(await stranger.issue()));
  assert.equal(mallory.code, 125);
  assert.match(mallory.stderr, /authority of its --tls-client-ca must have signed|certificate/);
  const swapped = await run("--tls-cert", alice.cert, "--tls-key", (await clientAuthority.issue()).key);
  assert.equal(swapped.code, 2);
  assert.match(swapped.stderr, /the key in --tls-key is not the certificate's/);
});

Deno.test("a client's names say what it may do, where the runtime tells them", async () => {
  const names = ["--tls-client-name", "ops-* role=full", "--tls-client-name", "*@example.com role=view"];
  const args = ["--tls-client-ca", clientAuthority.cert, ...names];
  if (serverRuntime() !== "deno") {
    const { cert, key } = await authority.issue();
    const listen = ["--listen", "wss://127.0.0.1:0", "--tls-cert", cert, "--tls-key", key];
    const { code, stderr } = await runCommand(["serve", ...listen, ...args]);
    assert.equal(code, 2);
    return assert.match(stderr, /--tls-client-name needs Deno: on Bun a server is not told what is in/);
  }
  await using server = await startTls(await authority.issue(), ...args);
  const open = async (name: string, alternativeNames: string[]) => {
    const shown = await textsOf(await clientAuthority.issue({ name, alternativeNames }));
    return await openClient(server.url, { tls: { ca, ...shown } });
  };
  await using full = await open("ops-1", ["DNS.1=ops"]);
  await full.start(startParams("p", ["true"]));
  await using viewer = await open("bob", ["email.1=bob@example.com"]);
  await assert.rejects(viewer.start(startParams("p", ["true"])), /role/);
  await assert.rejects(open("eve", ["email.1=eve@example.org, email:x@example.com"]), /401/);
  await until("it is logged", () => /no --tls-client-name lets this certificate in/.test(server.stderr()));
});

Deno.test("a token is asked for beside a certificate, and the lesser of both counts", async () => {
  await using folder = new TempFolder();
  const token = "t".repeat(64);
  const file = await folder.write("token", `${token} role=view\n`);
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", file];
  await using server = await startTls(
    await authority.issue(),
    "--tls-client-ca",
    clientAuthority.cert,
    ...auth,
  );
  const tls = { ca, ...await textsOf(await clientAuthority.issue()) };
  await assert.rejects(openClient(server.url, { tls }), /401; it needs a token/);
  await using client = await openClient(server.url, { tls, token });
  await assert.rejects(client.start(startParams("p", ["true"])), /role/);
});

Deno.test("a server that could show nothing, or would let everybody in, does not begin", async () => {
  const { cert, key } = await authority.issue();
  const expired = await authority.issue({ days: -1 });
  const other = await authority.issue();
  const files = ["--tls-cert", cert, "--tls-key", key];
  const refused: [args: string[], message: RegExp][] = [
    [["--listen", "wss://127.0.0.1:0"], /needs --tls-cert FILE and --tls-key FILE/],
    [["--listen", "ws://127.0.0.1:0", ...files], /--tls-cert is for --listen wss:\/\/IP:PORT/],
    [["--listen", "wss://0.0.0.0:0", ...files], /add --ws-auth or --tls-client-ca/],
    [
      ["--listen", "wss://127.0.0.1:0", "--tls-cert", cert, "--tls-key", other.key],
      /is not the certificate's/,
    ],
    [["--listen", "wss://127.0.0.1:0", "--tls-cert", expired.cert, "--tls-key", expired.key], /has expired/],
    [["--listen", "wss://127.0.0.1:0", ...files, "--tls-client-name", "a"], /needs --tls-client-ca/],
    [["--listen", "wss://localhost:0", ...files], /did you mean wss:\/\/127\.0\.0\.1:0\?/],
  ];
  const outcomes = await Promise.all(refused.map(([args]) => runCommand(["serve", ...args])));
  for (const [index, { code, stderr }] of outcomes.entries()) {
    assert.equal(code, 2, stderr);
    assert.match(stderr, refused[index]![1]);
  }
});

Deno.test("a port that is taken is not shared", async () => {
  await using server = await startTls(await authority.issue());
  const { cert, key } = await authority.issue();
  const { code, stderr } = await runCommand([
    "serve",
    "--listen",
    server.url,
    "--tls-cert",
    cert,
    "--tls-key",
    key,
  ]);
  assert.equal(code, 125);
  assert.match(stderr, /the port is in use/);
});

Deno.test("clients reach it by the names in its certificate, and by no others", async () => {
  const certificate = await authority.issue({ alternativeNames: ["DNS.1=*.example.com", "IP.1=127.0.0.1"] });
  await using server = await startTls(certificate);
  const answer = async (host: string) => {
    const socket = await handshake(server);
    socket.write(`GET /readyz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = "";
    for await (const part of socket) text += part;
    return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  };
  assert.equal(await answer("build.example.com"), "200");
  assert.equal(await answer("evil.example.org"), "403");
});

Deno.test("what is no TLS is refused, and so is who does not go on with the handshake", async () => {
  const { cert, key } = await authority.issue();
  await using server = await startServer({
    listen: "wss://127.0.0.1:0",
    args: ["--tls-cert", cert, "--tls-key", key],
    env: { ...Deno.env.toObject(), EXEC_SERVER_LIMITS: "TLS_HANDSHAKE_MS=1000" },
  });
  const closed = async (bytes: string) => {
    const socket = connectTcp(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => {});
    if (bytes !== "") socket.write(bytes);
    socket.resume();
    await once(socket, "close");
  };
  await Promise.all([
    closed("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    closed(""),
    closed("\x16\x03\x01\x02\x00\x01"),
  ]);
  await using _client = await openClient(server.url, { tls: { ca } });
});

Deno.test("many handshakes at once are all answered", async () => {
  const { cert, key } = await authority.issue();
  await using server = await startServer({
    listen: "wss://127.0.0.1:0",
    args: ["--tls-cert", cert, "--tls-key", key],
    env: { ...Deno.env.toObject(), EXEC_SERVER_LIMITS: "TLS_HANDSHAKE_MS=600000" },
  });
  // Bun's own limit cannot be set, and this side of the handshakes may be slow.
  const count = serverRuntime() === "deno" ? 1_000 : 200;
  const sockets = await Promise.all(Array.from({ length: count }, () => handshake(server)));
  for (const socket of sockets) socket.destroy();
});

Deno.test("certificates are renewed under connections and a flood, of which nothing is lost or cut", async () => {
  const certificate = await authority.issue();
  await using server = await startTls(certificate);
  const states: string[] = [];
  const options = { onConnection: ({ kind }: { kind: string }) => void states.push(kind) };
  await using stack = new AsyncDisposableStack();
  const clients = await Promise.all(
    Array.from({ length: 50 }, async () => stack.use(await openClient(server.url, { tls: { ca } }, options))),
  );
  const flood = collect(
    await clients[0]!.start(
      startParams("flood", ["sh", "-c", "seq 3000000; read x; seq 9"], { pipeStdin: true }),
    ),
  );
  for (let renewal = 0; renewal < 2; renewal++) {
    const next = await authority.issue();
    await replace(certificate, next);
    Deno.kill(server.pid, "SIGHUP");
    const serial = await serialOf(next);
    // On Bun a connection may come to the listener that is about to go.
    while (await shownSerial(server).catch(() => "") !== serial);
  }
  await Promise.all(clients.map((client) => client.call("environment/info", {})));
  await clients[0]!.call("process/closeStdin", { processId: "flood" });
  const { stdout } = await flood;
  assert.equal(stdout.length, 22_888_896 + 18);
  assert.deepEqual(states, []);
});

Deno.test("files that have changed are looked at, and broken ones leave what was there", async () => {
  const certificate = await authority.issue();
  await using server = await startServer({
    listen: "wss://127.0.0.1:0",
    args: [
      "--tls-cert",
      certificate.cert,
      "--tls-key",
      certificate.key,
      "--tls-client-ca",
      clientAuthority.cert,
    ],
    env: { ...Deno.env.toObject(), EXEC_SERVER_LIMITS: "CERTIFICATE_LOOK_MS=50" },
  });
  const shown = await textsOf(await clientAuthority.issue());
  const before = await serialOf(certificate);
  const serial = async () => {
    const socket = await handshake(server, shown);
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const next = await authority.issue();
  await writeFile(certificate.cert, await readFile(next.cert));
  await until("it is refused", () => /certificate not renewed/.test(server.stderr()));
  assert.equal(await serial(), before);
  await replace(certificate, next);
  await until("it is renewed", () => /certificate renewed/.test(server.stderr()));
  assert.equal(await serial(), await serialOf(next));
  // Who has none is refused as before.
  const answer = openClient(server.url, { tls: { ca } });
  await assert.rejects(answer, /certificate|hang up/i);
});

Deno.test("doctor looks at the files of a server", async () => {
  const good = await authority.issue({ days: 90 });
  const doctor = (...args: string[]) => runCommand(["doctor", ...args]);
  const fine = await doctor(
    "--tls-cert",
    good.cert,
    "--tls-key",
    good.key,
    "--tls-client-ca",
    clientAuthority.cert,
  );
  for (const name of ["chain", "names", "dates", "key", "clients"]) {
    assert.match(fine.text, new RegExp(`^ok +tls ${name} `, "m"));
  }
  const wrong = await doctor("--tls-cert", (await authority.issue()).cert, "--tls-key", good.key);
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /^MISSING tls dates +valid only until/m);
  assert.match(wrong.text, /^MISSING tls key +the key in .* is not the certificate's; give the two/m);
});
