/** What `run` says of servers that speak TLS, or do not. */
import { match, strictEqual as is } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";
import { connect } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runCommand } from "../support/command.ts";
import { serverRuntime, startServer } from "../support/server_process.ts";

const certificate = (name: string) =>
  fileURLToPath(new URL(`../http_request/certificates/${name}.pem`, import.meta.url));

/** A TLS front before a server, with the certificate of a name. */
async function tlsBefore(url: string, name: string): Promise<AsyncDisposable & { port: number }> {
  const back = Number(new URL(url).port);
  const options = { key: readFileSync(certificate("server_key")), cert: readFileSync(certificate(name)) };
  const listener = createServer(options, (socket) => {
    const server = connect(back, "127.0.0.1");
    socket.on("error", () => server.destroy()).on("close", () => server.destroy());
    server.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.pipe(server).pipe(socket);
  });
  listener.on("tlsClientError", () => {});
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => listener.close(() => resolve())),
  };
}

Deno.test("each wrong way to a server says what may have been meant", async () => {
  await using server = await startServer();
  await using front = await tlsBefore(server.url, "self_signed");
  const plain = await runCommand(["run", "--url", `ws://localhost:${front.port}`, "--", "true"]);
  is(plain.code, 125);
  match(plain.stderr, new RegExp(`did you mean wss://localhost:${front.port}\\?\\n$`));
  const secure = await runCommand(["run", "--url", server.url.replace("ws:", "wss:"), "--", "true"]);
  is(secure.code, 125);
  match(secure.stderr, new RegExp(`did you mean ${server.url}/?\\?\\n$`));
  const stranger = await runCommand(["run", "--url", `wss://localhost:${front.port}`, "--", "true"], {
    env: { NODE_EXTRA_CA_CERTS: certificate("authority") },
  });
  is(stranger.code, 125);
  match(
    stranger.stderr,
    /self.signed certificate; --tls-ca FILE or NODE_EXTRA_CA_CERTS=FILE lets this program trust it/,
  );
});

Deno.test("a certificate that is trusted as an authority's is taken, or the remedy is told", async () => {
  await using server = await startServer();
  await using front = await tlsBefore(server.url, "self_signed");
  const { code, text, stderr } = await runCommand(
    ["run", "--url", `wss://localhost:${front.port}`, "--", "echo", "hi"],
    // With it Deno would look at certificates as OpenSSL does, which takes such a one.
    { env: { NODE_EXTRA_CA_CERTS: certificate("self_signed"), SSL_CERT_FILE: "" } },
  );
  if (serverRuntime() !== "deno") return void is(text, "hi\n");
  is(code, 125);
  match(stderr, /-addext basicConstraints=critical,CA:FALSE/);
});

Deno.test("a certificate of a trusted authority is taken", async () => {
  await using server = await startServer();
  await using front = await tlsBefore(server.url, "localhost");
  const { text } = await runCommand(["run", "--url", `wss://localhost:${front.port}`, "--", "echo", "hi"], {
    env: { NODE_EXTRA_CA_CERTS: certificate("authority") },
  });
  is(text, "hi\n");
});
