/** The console's logs, files, machine and recordings in a real browser. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ElementHandle, Page } from "puppeteer-core";
import { browserPath, startBrowser, type TestBrowser } from "../support/browser.ts";
import { openClient, startParams } from "../support/client.ts";
import { eventually, firstLink, shows, startConsole } from "../support/console_page.ts";
import { TempFolder } from "../support/temp_folder.ts";

const ignore = browserPath === undefined;
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });
let chromium: TestBrowser;

Deno.test.beforeAll(async () => {
  if (!ignore) chromium = await startBrowser();
});
Deno.test.afterAll(async () => {
  if (!ignore) await chromium[Symbol.asyncDispose]();
});

/** What would show itself if anything took it for more than text. */
const hostile = "<img src=x onerror=alert(1)>";

test("a log of two streams is followed, searched and saved, and what is in it stays text", async () => {
  await using server = await startConsole();
  await using client = await openClient(server.url);
  const script =
    `echo '${hostile}'; read a; seq 1 100000; printf '\\033[31merror 99999\\033[0m\\n' >&2; read b; echo more`;
  const params = startParams("p", ["sh", "-c", script], { name: "worker", pipeStdin: true });
  await client.start(params, { lossless: false });
  const page = await chromium.open(await firstLink(server));
  page.on("dialog", () => assert.fail("no dialog comes from what a program prints"));
  await (await page.waitForSelector("a::-p-text(worker)"))!.click();
  await shows(page, /<img src=x onerror=alert\(1\)>/);
  const write = (text: string) =>
    client.call("process/write", { processId: "p", chunk: btoa(text), writeId: crypto.randomUUID() });
  await write("\n");
  // Whoever follows sees the end.
  await shows(page, /100000/);
  await page.select('select[aria-label="Which streams are shown"]', "stderr");
  await eventually(async () => {
    const rows = await page.$$eval(".log .row", (rows) => rows.map((row) => row.textContent));
    return rows.join() === "error 99999" ? undefined : `stderr is shown as ${rows.join()}`;
  });
  await page.select('select[aria-label="Which streams are shown"]', "all");
  await page.type('input[aria-label="Search in the log"]', "99999");
  await shows(page, /2 lines/);
  await page.keyboard.press("Enter");
  await eventually(async () => {
    const found = await page.$eval(".log .current mark", (mark) => mark.textContent).catch(String);
    return found === "99999" ? undefined : `the current match is ${found}`;
  });
  await page.$eval(
    'input[aria-label="Search in the log"]',
    (input) => (input as { value: string }).value = "",
  );
  await page.type('input[aria-label="Search in the log"]', "more");
  await write("\n");
  await shows(page, /1 line[^s]/);
  await shows(page, /it has ended with the status 0/);
  const saved = await download(page, await page.$("a::-p-text(Download)"));
  assert.match(saved.name, /^worker\.log$/);
  const numbers = Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join("");
  const text = new TextDecoder().decode(saved.bytes);
  assert.ok(text.startsWith(`${hostile}\n`) && text.endsWith("more\n") && text.includes("\x1b[31merror"));
  const others = text.split("\n").filter((line) => !/error|more|onerror/.test(line)).join("\n");
  assert.equal(others, numbers);
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

/** Presses what saves a file. @returns the file */
async function download(
  page: Page,
  link: ElementHandle | null,
): Promise<{ name: string; bytes: Uint8Array }> {
  await using folder = new TempFolder();
  const session = await page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: folder.path,
    eventsEnabled: true,
  });
  const ended = new Promise<void>((resolve, reject) => {
    session.on("Browser.downloadProgress", ({ state }) => {
      if (state === "completed") resolve();
      if (state === "canceled") reject(new Error("the download failed"));
    });
  });
  await link!.click();
  await ended;
  await session.detach();
  const [name] = readdirSync(folder.path);
  return { name: name!, bytes: readFileSync(join(folder.path, name!)) };
}
