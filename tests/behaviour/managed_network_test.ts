/** The network of confined processes: real programs through the proxy, ways around it, and who is asked. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { NotificationOf, ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { isAlive, until } from "../support/proc.ts";
import { canConfine, entry, restricted, rootRead } from "../support/sandbox.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

const tests = dirname(dirname(fileURLToPath(import.meta.url)));
type Domains = Record<string, "allow" | "deny">;
type Start = ParamsSent<"process/start">;

interface Fixture extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly client: ExecServerClient;
  readonly folder: TempFolder;
  readonly decisions: NotificationOf<"network/policyDecision">[];
  /** A web server's port: `/text` says hello, `/files/...` is what lies in the folder. */
  readonly port: number;
  start(argv: string[], domains?: Domains, more?: Partial<Start>, timeoutMs?: number): Start;
  run(argv: string[], domains?: Domains, more?: Partial<Start>): Promise<{ exitCode: number; text: string }>;
}

async function open(): Promise<Fixture> {
  const folder = new TempFolder();
  const web = await serveFiles(folder.path);
  const server = await startServer();
  const client = await openClient(server.url);
  const decisions: NotificationOf<"network/policyDecision">[] = [];
  client.listen("network/policyDecision", (decision) => void decisions.push(decision));
  let count = 0;
  const start: Fixture["start"] = (argv, domains = { localhost: "allow" }, more = {}, timeoutMs) =>
    startParams(`p${++count}`, argv, {
      cwd: pathToFileUrl(folder.path),
      env: { PATH: Deno.env.get("PATH")!, HOME: folder.path },
      sandbox: restricted([rootRead, entry("write", folder.path)]),
      enforceManagedNetwork: true,
      networkProxy: {
        proxy: {
          enabled: true,
          enableSocks5: true,
          enableSocks5Udp: false,
          allowUpstreamProxy: false,
          dangerouslyAllowAllUnixSockets: false,
          mode: "full",
          allowLocalBinding: false,
          domains,
        },
        ...timeoutMs === undefined ? {} : { policyDecisionTimeoutMs: timeoutMs },
      },
      ...more,
    });
  return {
    server,
    client,
    folder,
    decisions,
    port: (web.address() as AddressInfo).port,
    start,
    async run(argv, domains, more) {
      const { exitCode, stdout, stderr } = await collect(await client.start(start(argv, domains, more)));
      return { exitCode, text: textOf(stdout) + textOf(stderr) };
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop();
      web.closeAllConnections();
      web.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function serveFiles(folder: string): Promise<Server> {
  const web = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://x").pathname);
    if (path === "/text") return void response.end("hello");
    try {
      response.end(await Deno.readFile(join(folder, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return web;
}

function confined(name: string, fn: (fixture: Fixture) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canConfine,
    async fn() {
      await using fixture = await open();
      await fn(fixture);
    },
  });
}

confined(
  "curl gets through by HTTP, by a tunnel for HTTPS, and by SOCKS",
  async ({ run, port, decisions }) => {
    const certificates = join(tests, "http_request/certificates");
    const [key, cert] = ["server_key.pem", "localhost.pem"].map((file) =>
      Deno.readTextFileSync(join(certificates, file))
    );
    const secure = createTlsServer({ key, cert }, (_, response) => response.end("secret")).listen(
      0,
      "127.0.0.1",
    );
    await once(secure, "listening");
    const securePort = (secure.address() as AddressInfo).port;
    try {
      const script = [
        `curl -sS http://localhost:${port}/text`,
        `curl -sSk https://localhost:${securePort}/`,
        `curl -sS -x $ALL_PROXY http://localhost:${port}/text`,
      ].join("; echo; ");
      assert.deepEqual(await run(["sh", "-c", script]), { exitCode: 0, text: "hello\nsecret\nhello" });
      assert.deepEqual(decisions.map(({ protocol, host }) => `${protocol} ${host}`), [
        "http localhost",
        "https_connect localhost",
        "socks5_tcp localhost",
      ]);
    } finally {
      secure.closeAllConnections();
      secure.close();
    }
  },
);

confined("Python and git work through it", async ({ run, port, folder }) => {
  const python =
    `import urllib.request; print(urllib.request.urlopen("http://localhost:${port}/text").read())`;
  assert.equal((await run(["python3", "-c", python])).text, "b'hello'\n");
  const make = [
    "git init -q --bare repository.git",
    "git init -q work; cd work; echo hello > file; git add file",
    "git -c user.name=n -c user.email=e commit -q -m first; git push -q ../repository.git HEAD:refs/heads/main",
    "cd ../repository.git; git symbolic-ref HEAD refs/heads/main; git update-server-info",
  ].join("; ");
  const made = await new Deno.Command("sh", { args: ["-c", make], cwd: folder.path }).output();
  assert.equal(made.success, true, textOf(made.stderr));
  const clone = `git clone -q http://localhost:${port}/repository.git clone && cat clone/file`;
  assert.deepEqual(await run(["sh", "-c", clone]), { exitCode: 0, text: "hello\n" });
});

confined("npm installs from a registry behind it", async ({ run, port, folder }) => {
  const pack = [
    "mkdir -p package thing; echo 'module.exports = 7' > package/index.js",
    'echo \'{"name":"thing","version":"1.0.0"}\' > package/package.json; tar czf thing/thing-1.0.0.tgz package',
  ].join("; ");
  await new Deno.Command("sh", { args: ["-c", pack], cwd: folder.path }).output();
  const tarball = `http://localhost:${port}/thing/thing-1.0.0.tgz`;
  Deno.mkdirSync(join(folder.path, "registry"));
  Deno.writeTextFileSync(
    join(folder.path, "registry/thing"),
    JSON.stringify({
      name: "thing",
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { name: "thing", version: "1.0.0", dist: { tarball } } },
    }),
  );
  const install = `mkdir app; cd app; npm install --silent --no-audit --no-fund --registry ` +
    `http://localhost:${port}/registry/ thing && node -p 'require("thing")'`;
  assert.deepEqual(await run(["sh", "-c", install]), { exitCode: 0, text: "7\n" });
});

confined("nothing leads around it", async ({ run, port, decisions }) => {
  const script = join(tests, "support/network_attacks.py");
  const own = Deno.readLinkSync("/proc/self/ns/net");
  const argv = ["python3", script, String(port), hostname(), own];
  // What is open to all is open to nobody that is local, and the process has no rights to lose.
  const { text } = await run(argv, { "*": "allow", "ok.test": "allow" });
  assert.equal(text, "[]\ndone\n");
  const allowed = decisions.filter(({ decision }) => decision === "allow");
  assert.deepEqual(allowed, []);
});

confined("no port of the machine leads to a process's proxy", async ({ client, start }) => {
  const argv = ["sh", "-c", "echo $HTTP_PROXY; cat"];
  const process = await client.start(start(argv, {}, { pipeStdin: true }));
  let said = "";
  for await (const event of process.events()) {
    if (event.kind === "output") said += textOf(event.bytes);
    if (said.includes("\n")) break;
  }
  const port = Number(new URL(said.trim()).port);
  const listening = Deno.readTextFileSync("/proc/net/tcp").split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === "0A").map(([, address]) => parseInt(address!.split(":")[1]!, 16));
  assert.equal(listening.includes(port), false);
  await client.call("process/terminate", { processId: process.id });
});

confined("the client decides about what no list names, and is told what came of it", async (fixture) => {
  const { client, start, decisions, port } = fixture;
  const params = start(
    ["sh", "-c", `for host in yes.test no.test; do curl -sS http://$host:${port}/; echo; done`],
    {},
    {},
    5_000,
  );
  const asked: string[] = [];
  client.decide(params.processId, ({ protocol, host }) => {
    asked.push(`${protocol} ${host}`);
    return host === "yes.test" ? { allow: true } : { allow: false, reason: "not today" };
  });
  const { stdout } = await collect(await client.start(params));
  assert.deepEqual(asked, ["http yes.test", "http no.test"]);
  // Allowed by the client, and not there.
  assert.match(
    textOf(stdout),
    /not_allowed_local.*\n.*"reason":"not today","decision":"deny","source":"decider"/,
  );
  assert.deepEqual(decisions.map(({ host, reason, source }) => `${host} ${reason} ${source}`), [
    "yes.test not_allowed_local baseline_policy",
    "no.test not today decider",
  ]);
});

confined("a client that is killed while it is asked denies", async ({ server, client, start, folder }) => {
  const lost = await openClient(server.url, {}, { recoveryMs: 0 });
  const params = start(
    ["sh", "-c", "curl -s -o /dev/null -w '%{http_code}' http://x.test/ > answer; mv answer done"],
    {},
    { lifetime: "server" },
    300_000,
  );
  const asked = Promise.withResolvers<void>();
  lost.decide(params.processId, () => {
    asked.resolve();
    return new Promise(() => {});
  });
  await lost.start(params);
  await asked.promise;
  lost.close();
  await until("the answer", () => existsSync(join(folder.path, "done")));
  assert.equal(Deno.readTextFileSync(join(folder.path, "done")), "403");
  assert.equal(client.environmentInfo.capabilities.networkProxyLaunch, true);
});

confined(
  "a client's own proxy is reached by the port that its variables name",
  async ({ client, start, port }) => {
    const proxied: string[] = [];
    const own = createSocketServer((socket: Socket) => {
      socket.once("data", (bytes) => {
        proxied.push(textOf(bytes).split("\r\n")[0]!);
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown");
      });
    }).listen(0, "127.0.0.1");
    await once(own, "listening");
    try {
      const url = `http://me:pw@localhost:${(own.address() as AddressInfo).port}/`;
      const script =
        `curl -sS http://x.test/; curl -sS --noproxy '*' -m 3 http://127.0.0.1:${port}/text; echo " $?"`;
      const more = { networkProxy: null, env: { PATH: "/usr/bin:/bin", http_proxy: url } };
      const { stdout } = await collect(await client.start(start(["sh", "-c", script], {}, more)));
      assert.equal(textOf(stdout), "own 7\n");
      assert.deepEqual(proxied, ["GET http://x.test/ HTTP/1.1"]);
      const without = start(["true"], {}, { networkProxy: null });
      await assert.rejects(client.start(without), {
        code: -32603,
        message: /no way out; ask for a networkProxy/,
      });
    } finally {
      own.close();
    }
  },
);

confined("two hundred connections at once, with a terminal beside them", async ({ run, port }) => {
  const script = [
    "import socket, os",
    "proxy = ('127.0.0.1', int(os.environ['HTTP_PROXY'].rsplit(':', 1)[1]))",
    "all = [socket.create_connection(proxy) for _ in range(200)]",
    `for s in all: s.sendall(b'GET http://localhost:${port}/text HTTP/1.1\\r\\nHost: localhost:${port}\\r\\n\\r\\n')`,
    "print(sum(s.makefile('rb').readline().startswith(b'HTTP/1.1 200') for s in all))",
  ].join("\n");
  assert.equal((await run(["python3", "-c", script])).text, "200\n");
  assert.equal((await run(["python3", "-c", script], undefined, { tty: true })).text, "");
});

confined(
  "a server that stops ends the tunnels and who holds them",
  async ({ server, client, start, port }) => {
    const script = [
      "import socket, os, sys",
      "s = socket.create_connection(('127.0.0.1', int(os.environ['HTTP_PROXY'].rsplit(':', 1)[1])))",
      `s.sendall(b'CONNECT localhost:${port} HTTP/1.1\\r\\n\\r\\n')`,
      "print(s.recv(100).split()[1].decode(), flush=True)",
      "s.recv(1)",
      "sys.stdin.read()",
    ].join("\n");
    const process = await client.start(start(["python3", "-c", script], undefined, { pipeStdin: true }));
    for await (const event of process.events()) {
      if (event.kind === "output") {
        assert.equal(textOf(bytesOf([event], "stdout")), "200\n");
        break;
      }
    }
    const { processes } = await client.call("process/list", null);
    await server.stop();
    await until("the end of the process", () => !isAlive(processes[0]!.pid));
  },
);

Deno.test("without a sandbox the proxy listens for the process alone, and goes with it", async () => {
  await using fixture = await open();
  const { client, start, port } = fixture;
  const more = { sandbox: null, enforceManagedNetwork: false };
  const script = `curl -sS http://localhost:${port}/text; echo; echo $HTTP_PROXY`;
  const { stdout } = await collect(await client.start(start(["sh", "-c", script], undefined, more)));
  const [hello, url] = textOf(stdout).split("\n");
  assert.equal(hello, "hello");
  const listening = () => {
    const port = Number(new URL(url!).port).toString(16).toUpperCase().padStart(4, "0");
    return new RegExp(`:${port} 00000000:0000 0A`).test(Deno.readTextFileSync("/proc/net/tcp"));
  };
  await until("the end of the proxy", () => !listening());
});
