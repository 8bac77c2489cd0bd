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
