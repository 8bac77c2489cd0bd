/** The web console in a real browser. */
import assert from "node:assert/strict";
import { browserPath, startBrowser, type TestBrowser } from "../support/browser.ts";
import { openClient, startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import {
  click,
  eventually,
  firstLink,
  screenOf,
  shows,
  startConsole,
  terminalShows,
  textOf,
} from "../support/console_page.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { terminalEnvironment } from "../support/terminal_program.ts";

const ignore = browserPath === undefined;
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });
let chromium: TestBrowser;

Deno.test.beforeAll(async () => {
  if (!ignore) chromium = await startBrowser();
});
Deno.test.afterAll(async () => {
  if (!ignore) await chromium[Symbol.asyncDispose]();
});

test("a link logs in once, and the login is worth what the link said", async () => {
  await using server = await startConsole();
  const link = await firstLink(server);
  const page = await chromium.open(link);
  await shows(page, /Processes/);
  assert.equal(page.url(), link.replace(/#.*/, ""), "the code is not left in the address");
  assert.equal(await page.evaluate("document.cookie"), "", "no script sees the cookie");
  await using client = await openClient(server.url);
  await client.start(startParams("p", ["sh", "-c", "sleep 1000", "<img src=x onerror=alert(1)>"]));
  await shows(page, /sh -c sleep 1000 <img src=x onerror=alert\(1\)>[\s\S]*test[\s\S]*running/);
  page.once("dialog", (dialog) => void dialog.accept());
  await click(page, "Kill");
  await shows(page, /exited 137/);
  await page.close();

  const again = await chromium.browser.createBrowserContext();
  const stranger = await again.newPage();
  await stranger.goto(link);
  await shows(stranger, /has been used or is too old[\s\S]*exec-server console/);
  await stranger.close();

  const made = await runCommand(["console", "--role", "view", "--url", server.url]);
  const viewer = await again.newPage();
  await viewer.goto(made.text.trim());
  await shows(viewer, /Processes/);
  await client.start(startParams("q", ["sh", "-c", "sleep 1000", "<img src=x onerror=alert(1)>"]));
  await shows(viewer, /sh[\s\S]*running/);
  assert.doesNotMatch(await textOf(viewer), /Kill|1000/, "arguments are for the role full");
  await click(viewer, "Log out");
  await shows(viewer, /not logged in/);
  await again.close();
  assert.deepEqual(chromium.errors(), []);
});

test("a terminal is watched, taken over and handed back, and shows what the server's screen does", async () => {
  await using server = await startConsole();
  await using client = await openClient(server.url);
  const hostile = "\\033]0;<img src=x onerror=alert(1)>\\007<script>alert(2)</script>";
  const script =
    `printf '\\033[32mgr\\303\\274n\\033[0m 日本語 ${hostile}\\r\\n'; while read a; do echo "got $a"; done`;
  await client.start(
    startParams("p", ["sh", "-c", script], { tty: true, env: terminalEnvironment, name: "agent" }),
  );
  const page = await chromium.open(await firstLink(server));
  page.on("dialog", () => assert.fail("no dialog comes from what a program prints"));
  await (await page.waitForSelector("a::-p-text(agent)"))!.click();
  await shows(page, /Watching test/);
  const showBoth = () =>
    eventually(async () => {
      const { lines } = await client.call("process/screen", { processId: "p", format: "text" }) as {
        lines: string[];
      };
      const [kept, shown] = [lines, await screenOf(page)].map((all) =>
        all.map((line) => line.trimEnd()).join("\n")
      );
      return kept === shown ? undefined : `the server's screen is\n${kept}\nand the page's\n${shown}`;
    });
  await showBoth();
  await page.keyboard.type("nobody gets this\n");
  await click(page, "Take the keyboard");
  await shows(page, /You type/);
  await page.keyboard.type("from a person\n");
  await terminalShows(page, /got from a person/);
  const refused = await client.call("process/write", { processId: "p", chunk: btoa("x\n"), writeId: "1" });
  assert.deepEqual(refused, { status: "starting", keyboard: "viewer" });
  await page.type('input[aria-label="A word to the others"]', "all yours");
  await click(page, "Hand back");
  await shows(page, /Watching test/);
  await client.call("process/write", { processId: "p", chunk: btoa("agent\n"), writeId: "2" });
  await terminalShows(page, /got agent/);
  await showBoth();
  await client.call("process/resize", { processId: "p", size: { rows: 30, cols: 100 } });
  await client.call("process/write", { processId: "p", chunk: btoa("wide\n"), writeId: "3" });
  await terminalShows(page, /got wide/);
  await showBoth();
  assert.doesNotMatch((await screenOf(page)).join(), /nobody gets this/);
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

Deno.test("nobody but the page of this place is served, and only who is logged in", async () => {
  await using server = await startConsole();
  const base = server.url.replace("ws", "http");
  const own = { origin: base };
  const answers: [string, RequestInit, number][] = [
    ["/console", {}, 200],
    ["/console", { headers: own }, 200],
    ["/console", { headers: { origin: "http://evil.example" } }, 403],
    ["/console", { headers: { origin: "null" } }, 403],
    ["/console", { headers: { origin: base.replace("http", "https") } }, 403],
    ["/console/assets/none.js", {}, 404],
    ["/console/assets/constructor", {}, 404],
    ["/console/session", {}, 401],
    ["/console/session", { headers: { cookie: "exec_console=x" } }, 401],
    ["/console/login", { method: "POST", body: "no JSON" }, 401],
    ["/console/login", { method: "POST", body: '{"code":["x"]}' }, 401],
    ["/console/login", { method: "POST", body: "x".repeat(100_000) }, 413],
    ["/console/login", {}, 404],
    ["/console/login", { method: "POST", body: "{}", headers: { origin: "http://evil.example" } }, 403],
    ["/console/nothing", {}, 404],
    // The endpoint for programs is as strict as without a console.
    ["/", { headers: own }, 403],
  ];
  for (const [path, request, status] of answers) {
    const answer = await fetch(`${base}${path}`, request);
    await answer.body?.cancel();
    assert.equal(answer.status, status, `${path} ${JSON.stringify(request).slice(0, 100)}`);
    if (status === 200) {
      assert.match(
        answer.headers.get("content-security-policy")!,
        /default-src 'none'.*frame-ancestors 'none'/,
      );
      assert.equal(answer.headers.get("x-frame-options"), "DENY");
      assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    }
  }
  const address = new URL(base);
  for (
    const [headers, status] of [
      [`Host: rebound.example:${address.port}`, 403],
      [`Host: ${address.host}\r\nOrigin: http://evil.example`, 403],
      [`Host: ${address.host}\r\nOrigin: ${base}`, 401],
    ] as const
  ) {
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
    assert.equal(
      await statusOf(address, `GET /console/ws HTTP/1.1\r\n${headers}\r\n${upgrade}\r\n\r\n`),
      status,
    );
  }

  await using plain = await startServer();
  assert.equal(
    (await fetch(`${plain.url.replace("ws", "http")}/console`)).status,
    404,
    "it is off by default",
  );
  const none = await runCommand(["console", "--url", plain.url]);
  assert.match(none.stderr, /no console: start it with exec-server serve --console/);
  assert.equal(none.code, 2);
});

Deno.test("a console is not shown to a network without TLS, and a link gives no more than its maker has", async () => {
  for (
    const [args, message] of [
      [["--listen", "unix:/tmp/console.sock", "--console"], /--console is for browsers/],
      [["--behind-proxy"], /--behind-proxy is for --console/],
      [
        [
          "--listen",
          "ws://0.0.0.0:0",
          "--ws-auth",
          "capability-token",
          "--ws-token-sha256",
          "0".repeat(64),
          "--console",
        ],
        /--console at ws:\/\/0.0.0.0:0 would show logins to the network.*--behind-proxy/,
      ],
    ] as const
  ) {
    const { code, stderr } = await runCommand(["serve", ...args]);
    assert.match(stderr, message);
    assert.equal(code, 2);
  }
  await using folder = new TempFolder();
  const tokens = await folder.write("tokens", "the-full-token role=full\nthe-viewer-token role=view\n");
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", tokens];
  await using server = await startConsole(auth);
  await using viewer = await openClient(server.url, { token: "the-viewer-token" });
  await assert.rejects(viewer.call("console/link", { role: "control" }), /needs a connection that has it/);
  const { path } = await viewer.call("console/link", {});
  const code = new URLSearchParams(path.split("#")[1]).get("login");
  const base = server.url.replace("ws", "http");
  const logIn = () => fetch(`${base}/console/login`, { method: "POST", body: JSON.stringify({ code }) });
  const first = await logIn();
  assert.deepEqual(await first.json(), { role: "view" });
  const cookie = first.headers.get("set-cookie")!;
  assert.match(
    cookie,
    /^exec_console_[0-9a-f]{8}=[-\w]{43}; Max-Age=43200; Path=\/console; HttpOnly; SameSite=Strict$/,
  );
  assert.equal((await logIn()).status, 401, "a link is used once");
  const session = await fetch(`${base}/console/session`, { headers: { cookie: cookie.split(";")[0]! } });
  assert.deepEqual(await session.json(), { role: "view" });
  assert.doesNotMatch(server.stderr(), new RegExp(code!), "no secret is in the log");
});

test("a page gets a lost server back, and is told where its login is over", async () => {
  const listen = "ws://127.0.0.1:" + freePort();
  const first = await startConsole([], listen);
  await using _first = first;
  const page = await chromium.open(await firstLink(first));
  await shows(page, /There are no processes/);
  await first.stop("SIGKILL");
  await shows(page, /connection lost, getting it back/);
  await using second = await startConsole([], listen);
  await shows(page, /this login is over[^]*exec-server console/);
  await page.goto(await firstLink(second));
  await page.reload();
  await shows(page, /There are no processes/);
  await page.close();
  chromium.errors(); // What the browser says of a server that is not there.
});

test("a flood leaves the page and its memory as they are", async () => {
  await using server = await startConsole();
  await using client = await openClient(server.url);
  const script =
    "stty -echo; while ! read -t 0.001 a; do seq 100000; done; printf '\\033cafter %s' $a; read b";
  const flood = await client.start(
    startParams("flood", ["bash", "-c", script], { tty: true, env: terminalEnvironment, name: "flood" }),
  );
  const drained = (async () => {
    for await (const event of flood) if (event.kind === "output" && event.offset > 10_000_000) return;
  })();
  const page = await chromium.open(await firstLink(server));
  await (await page.waitForSelector("a::-p-text(flood)"))!.click();
  await click(page, "Take the keyboard");
  await shows(page, /You type/);
  await drained;
  await page.keyboard.type("typed\n");
  await terminalShows(page, /after typed/);
  const { JSHeapUsedSize } = await page.metrics();
  assert.ok(JSHeapUsedSize! < 150 * 2 ** 20, `${JSHeapUsedSize} bytes`);
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

test("the first page is small, and asks nobody else for anything", async () => {
  await using server = await startConsole();
  const page = await chromium.browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(await firstLink(server));
  await shows(page, /There are no processes/);
  const sizes = await page.evaluate(
    "performance.getEntriesByType('resource').map(({ transferSize }) => transferSize)",
  ) as number[];
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 10_000 && bytes < 600_000, `${bytes} bytes`);
  const origin = server.url.replace("ws", "http");
  assert.deepEqual(asked.filter((url) => !url.startsWith(origin) && !url.startsWith("data:")), []);
  await page.close();
});

async function statusOf({ hostname, port }: URL, request: string): Promise<number> {
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(64);
  await connection.read(answer);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(answer))![1]);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
