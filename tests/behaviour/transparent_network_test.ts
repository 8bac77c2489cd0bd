/** Networks that catch whatever a confined process connects to: programs that know of no proxy, and ways around it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NotificationOf, ParamsSent } from "../../src/protocol/methods.ts";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { until } from "../support/proc.ts";
import { entry, mechanisms, restricted, rootRead } from "../support/sandbox.ts";
import { serverCommand, serverRuntime, startServer } from "../support/server_process.ts";
import { ordinaryUser, serverOfUser } from "../support/user_server.ts";

const program = join(dirname(dirname(fileURLToPath(import.meta.url))), "support/transparent_network.py");
const hasNetfilter = existsSync("/proc/net/netfilter");
type Start = ParamsSent<"process/start">;
type Proxy = NonNullable<Start["networkProxy"]>["proxy"];

/** Sends back what it gets. */
async function openEcho(): Promise<{ server: Server; port: number } & Disposable> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}

/** A folder of a user's. */
function makeFolder(uid: number) {
  const path = Deno.makeTempDirSync({ dir: "/var/tmp" });
  if (Deno.uid() === 0) Deno.chownSync(path, uid, uid);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

let count = 0;

function start(argv: string[], folder: string, proxy: Partial<Proxy> = {}, more: Partial<Start> = {}): Start {
  return startParams(`p${++count}`, argv, {
    cwd: pathToFileUrl(folder),
    sandbox: restricted([rootRead, entry("write", folder)]),
    networkProxy: {
      policyDecisionTimeoutMs: 60_000,
      proxy: {
        enabled: true,
        enableSocks5: true,
        enableSocks5Udp: false,
        allowUpstreamProxy: false,
        dangerouslyAllowAllUnixSockets: false,
        mode: "full",
        allowLocalBinding: false,
        transparentTcp: true,
        domains: { localhost: "allow", "denied.test": "deny" },
        ...proxy,
      },
    },
    ...more,
  });
}

for (const { name, isThere, args } of mechanisms) {
  for (const [whose, uid] of [["this user's", Deno.uid()!], ["an ordinary user's", ordinaryUser]] as const) {
    Deno.test({
      name: `programs that know of no proxy go through it, on ${whose} server, by ${name}`,
      ignore: !isThere || !hasNetfilter ||
        (uid === ordinaryUser && (Deno.uid() !== 0 || serverRuntime() === "binary")),
      async fn() {
        using echo = await openEcho();
        using folder = makeFolder(uid);
        await using server = await serverOfUser(uid, folder.path, args);
        const client = await openClient(server.url);
        assert.equal(client.environmentInfo.capabilities.networkProxyTransparentTcp, true);
        const decisions: NotificationOf<"network/policyDecision">[] = [];
        client.listen("network/policyDecision", (decision) => void decisions.push(decision));
        const asked: string[] = [];
        const params = start(["python3", program, String(echo.port)], folder.path, {}, {
          limits: { openFiles: 1000 },
        });
        client.decide(params.processId, ({ protocol, host, port }) => {
          asked.push(`${protocol} ${host}:${port}`);
          return { allow: false, reason: "not today" };
        });
        const { stdout, stderr } = await collect(await client.start(params));
        assert.equal(textOf(stderr), "");
        assert.deepEqual(JSON.parse(textOf(stdout)), {
          "descriptors": ["0", "1", "2", "3"],
          "resolver file": "nameserver 127.0.0.53\n",
          "names": ["198.18.0.1", "fdc0:de00::1"],
          "same name again": true,
          "name by stream": "fdc0:de00::1",
          "mail servers": true,
          "much": [true, true],
          "many": 200,
          "denied": "ECONNRESET",
          "denied without waiting": ["EINPROGRESS", "ECONNRESET"],
          "asked": "ECONNRESET",
          "by IPv6": "ECONNRESET",
          "by address": "ECONNRESET",
          "neighbour": "ECONNRESET",
          "name of nothing": "ECONNRESET",
          "itself": "not connected: ECONNREFUSED",
          "datagrams": "TimeoutError",
          "another name server": "TimeoutError",
        });
        assert.deepEqual(asked, [
          "socks5_tcp asked.test:4321",
          "socks5_tcp 2606:4700::1111:443",
          "socks5_tcp 93.184.216.34:443",
        ]);
        assert.deepEqual(
          decisions.slice(201).map(({ host, decision, source, reason }) => [host, decision, source, reason]),
          [
            ["denied.test", "deny", "baseline_policy", "denied"],
            ["denied.test", "deny", "baseline_policy", "denied"],
            ["asked.test", "deny", "decider", "not today"],
            ["2606:4700::1111", "deny", "decider", "not today"],
            ["93.184.216.34", "deny", "decider", "not today"],
            ["10.1.2.3", "deny", "baseline_policy", "not_allowed_local"],
          ],
        );
        client.close();
      },
    });
  }

  Deno.test({
    name: `a connection is reset whose client is lost while it is asked, by ${name}`,
    ignore: !isThere || !hasNetfilter,
    async fn() {
      using folder = makeFolder(Deno.uid()!);
      await using server = await startServer({ args: [...args] });
      const client = await openClient(server.url);
      const script = "import socket\ntry: socket.create_connection(('asked.test', 80)).recv(1)\n" +
        "except OSError as error: open('new', 'w').write(str(error.errno))\nimport os; os.rename('new', 'done')";
      const params = start(["python3", "-c", script], folder.path);
      const asked = Promise.withResolvers<void>();
      client.decide(params.processId, () => {
        asked.resolve();
        return new Promise(() => {});
      });
      await client.start(params);
      await asked.promise;
      client.close();
      await until("the end", () => existsSync(join(folder.path, "done")));
      assert.equal(Deno.readTextFileSync(join(folder.path, "done")), "104");
    },
  });

  Deno.test({
    name: `a server has every enforced network catch, and what is caught leave by a proxy, by ${name}`,
    ignore: !isThere || !hasNetfilter,
    async fn() {
      const targets: string[] = [];
      using folder = makeFolder(Deno.uid()!);
      const upstream = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", (bytes) => {
          targets.push(textOf(bytes).split("\r\n")[0]!);
          const isRefused = targets.at(-1)!.includes("refused");
          socket.end(isRefused ? "HTTP/1.1 403 No\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\nearly");
        });
      });
      await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
      const proxy = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
      const flags = ["--linux-sandbox-transparent-tcp", "--tcp-upstream-proxy", proxy];
      await using server = await startServer({ args: [...args, ...flags] });
      const client = await openClient(server.url);
      const script = "import socket\nfor name in ['open.test', 'refused.test', '93.184.216.34']:\n" +
        "  with socket.create_connection((name, 81)) as s:\n" +
        "    try: print(s.recv(10).decode())\n    except OSError as error: print(error.errno)\n";
      const settings = { transparentTcp: false, allowLocalBinding: true, domains: { "*": "allow" } } as const;
      const params = (more: Partial<Start>) =>
        start(["python3", "-c", script], folder.path, settings, { enforceManagedNetwork: true, ...more });
      const { stdout } = await collect(await client.start(params({})));
      assert.equal(textOf(stdout), "early\n104\nearly\n");
      assert.deepEqual(targets, [
        "CONNECT open.test:81 HTTP/1.1",
        "CONNECT refused.test:81 HTTP/1.1",
        "CONNECT 93.184.216.34:81 HTTP/1.1",
      ]);
      await assert.rejects(client.start(params({ networkProxy: null })), {
        code: -32602,
        message: "a mandatory TCP upstream requires an executor-local managed proxy",
      });
      client.close();
      upstream.close();
    },
  });
}

Deno.test("catching takes a sandbox and SOCKS, as in the reference server", async () => {
  using folder = makeFolder(Deno.uid()!);
  await using server = await startServer();
  const client = await openClient(server.url);
  await assert.rejects(client.start(start(["true"], folder.path, {}, { sandbox: null })), {
    code: -32602,
    message: "transparent TCP requires a managed Linux sandbox",
  });
  await assert.rejects(client.start(start(["true"], folder.path, { enableSocks5: false })), {
    code: -32602,
    message: "invalid network proxy config: transparent_tcp requires an enabled managed SOCKS5 proxy",
  });
  client.close();
});

Deno.test({
  name: "run --transparent-network lets a command through that knows of no proxy",
  ignore: !mechanisms[0]!.isThere || !hasNetfilter,
  async fn() {
    const [command, ...rest] = serverCommand();
    const script = "import socket\ntry: socket.create_connection(('other.test', 80)).recv(1)\n" +
      "except OSError as error: print(error.errno)";
    const flags = ["--sandbox", "read-only", "--transparent-network", "--allow-domain", "x.test"];
    const { stdout } = await new Deno.Command(command!, {
      args: [...rest, "run", "-n", ...flags, "--", "python3", "-c", script],
      stdin: "null",
    }).output();
    assert.equal(textOf(stdout), "104\n");
  },
});
