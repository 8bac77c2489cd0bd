import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { connect, createServer as createTcpServer, type Server } from "node:net";
import { createServer } from "node:https";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runtimes, startOperations } from "../support/callable.ts";

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}.pem`, import.meta.url));

/** No proxy and no certificate authority but what a test names. */
const bare = Object.fromEntries(
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()])
    .concat("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE").map((name) => [name, undefined]),
);

/** An https server with the certificate of that name, which answers `ok`. */
function listenSecurely(name: string): Promise<Listening> {
  const options = { key: readFileSync(certificate("server_key")), cert: readFileSync(certificate(name)) };
  return listen(createServer(options, (_request, response) => void response.end("ok")));
}

/** A proxy that opens a tunnel to anywhere on this machine, and counts. */
async function listenAsProxy(): Promise<Listening & { opened: string[] }> {
  const opened: string[] = [];
  const server = createTcpServer((client) => {
    client.once("data", (data) => {
      const authority = /^CONNECT (\S+)/.exec(data.toString())![1]!;
      opened.push(authority);
      const there = connect(Number(authority.split(":").at(-1)), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(there).pipe(client);
      });
      there.on("error", () => {}).on("close", () => client.destroy());
      client.on("error", () => {}).on("close", () => there.destroy());
    });
  });
  return { ...await listen(server), opened };
}

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

for (const runtime of runtimes) {
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`http/request on ${runtime} ${name}`, body);

  test("checks who an https server is", async () => {
    await using localhost = await listenSecurely("localhost");
    await using elsewhere = await listenSecurely("elsewhere");
    const ask = async (url: string, env: Record<string, string | undefined>) => {
      await using operations = startOperations(runtime, { env: { ...bare, ...env } });
      const { result, error } = await operations.call("http/request", { method: "GET", url, requestId: "r" });
      return result?.status ?? error.message;
    };
    const trusting = { SSL_CERT_FILE: certificate("authority") };
    strictEqual(await ask(`https://localhost:${localhost.port}/`, trusting), 200);
    strictEqual(await ask(`https://127.0.0.1:${localhost.port}/`, trusting), 200);
    match(await ask(`https://localhost:${elsewhere.port}/`, trusting), /altnames/);
    match(await ask(`https://127.0.0.1:${elsewhere.port}/`, trusting), /altnames/);
    match(await ask(`https://localhost:${localhost.port}/`, {}), /unable to verify|self.signed/);
  });

  test("takes certificate authorities from the file the environment names first", async () => {
    await using server = await listenSecurely("localhost");
    const ask = async (env: Record<string, string | undefined>) => {
      await using operations = startOperations(runtime, { env: { ...bare, ...env } });
      const url = `https://localhost:${server.port}/`;
      return await operations.call("http/request", { method: "GET", url, requestId: "r" });
    };
    const { result } = await ask({
      CODEX_CA_CERTIFICATE: certificate("authority"),
      SSL_CERT_FILE: "/nowhere",
    });
    strictEqual(result.status, 200);
    deepStrictEqual(await ask({ SSL_CERT_FILE: "/nowhere" }), {
      error: {
        code: -32603,
        message:
          "http/request failed: Failed to read CA certificate file /nowhere selected by SSL_CERT_FILE: " +
          "No such file or directory (os error 2)",
      },
    });
  });

  test("reaches an https server through a proxy and checks who it is", async () => {
    await using localhost = await listenSecurely("localhost");
    await using elsewhere = await listenSecurely("elsewhere");
    await using proxy = await listenAsProxy();
    const env = {
      ...bare,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      SSL_CERT_FILE: certificate("authority"),
    };
    await using operations = startOperations(runtime, { env });
    const ask = (port: number) =>
      operations.call("http/request", { method: "GET", url: `https://localhost:${port}/`, requestId: "r" });
    strictEqual(atob((await ask(localhost.port)).result.bodyBase64), "ok");
    match((await ask(elsewhere.port)).error.message, /altnames/);
    deepStrictEqual(proxy.opened, [`localhost:${localhost.port}`, `localhost:${elsewhere.port}`]);
  });
}
