/** The console's logs, files, machine and recordings in a real browser. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { browserPath, type Handle, type Page, startBrowser, type TestBrowser } from "../support/browser.ts";
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
  await using folder = new TempFolder();
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
    const rows = await page.evaluate(
      `[...document.querySelectorAll(".log .row")].map((row) => row.textContent)`,
    ) as string[];
    return rows.join() === "error 99999" ? undefined : `stderr is shown as ${rows.join()}`;
  });
  await page.select('select[aria-label="Which streams are shown"]', "all");
  await page.type('input[aria-label="Search in the log"]', "99999");
  await shows(page, /2 lines/);
  await page.keyboard.press("Enter");
  await eventually(async () => {
    const found = await page.evaluate(`document.querySelector(".log .current mark")?.textContent`);
    return found === "99999" ? undefined : `the current match is ${found}`;
  });
  await page.evaluate(`document.querySelector(".search input").value = ""`);
  await page.type('input[aria-label="Search in the log"]', "more");
  await write("\n");
  await shows(page, /1 line[^s]/);
  await shows(page, /it has ended with the status 0/);
  const saved = await download(
    page,
    await page.waitForSelector("a::-p-text(Download)"),
    join(folder.path, "saved"),
  );
  assert.equal(basename(saved), "worker.log");
  const numbers = Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join("");
  const text = readFileSync(saved, "utf8");
  // What came on stderr may stand in the middle of a line.
  assert.equal(text.replace("\x1b[31merror 99999\x1b[0m\n", ""), `${hostile}\n${numbers}more\n`);
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

test("files go up and come down as they are, whatever they are called", async () => {
  await using folder = new TempFolder();
  await using server = await startConsole();
  const [source, target] = ["source", "target"].map((name) => join(folder.path, name));
  for (const path of [source!, target!]) mkdirSync(path);
  const name = `a%2F b${hostile.replace("/", "")}`;
  const large = Number(Deno.env.get("EXEC_SERVER_CONSOLE_FILE_MIB") ?? 20);
  const digest = await writeRandom(join(source!, name), large);
  writeFileSync(join(target!, "text"), `${hostile}\ngr\u00fcn\n`);
  const page = await chromium.open(await firstLink(server));
  page.on("dialog", () => assert.fail("no dialog comes from what a file is called"));
  await shows(page, /Files/);
  await go(page, "files", { path: pathToFileURL(target!).href });
  const field = await page.waitForSelector("input[type=file]");
  await field!.uploadFile(join(source!, name));
  await eventually(async () => {
    const text = await page.evaluate("document.querySelector('.uploads').innerText") as string;
    return /[MG]iB, done/.test(text) ? undefined : `the upload is told as ${text}`;
  }, 600_000);
  assert.deepEqual(readdirSync(target!).sort(), [name, "text"].sort());
  assert.equal(await digestOf(join(target!, name)), digest);
  const link = await page.waitForSelector(`a[href*="${encodeURIComponent("%252F")}"]`);
  const saved = await download(page, link, join(folder.path, "saved"));
  assert.equal(await digestOf(saved), digest);
  await (await page.waitForSelector("button::-p-text(text)"))!.click();
  await shows(page, /<img src=x onerror=alert\(1\)>\ngr\u00fcn/);
  await go(page, "files", { path: pathToFileURL(join(target!, "none")).href });
  await shows(page, /No such file/);
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

test("the machine is shown while it works, and recordings are played", async () => {
  await using folder = new TempFolder();
  await using server = await startConsole(["--record-dir", folder.path]);
  await using client = await openClient(server.url);
  const script = "printf 'played\\033]0;title\\007'; read a";
  await client.start(startParams("p", ["sh", "-c", script], { tty: true, name: "worker" }), {
    lossless: false,
  });
  const page = await chromium.open(await firstLink(server));
  await shows(page, /worker/);
  await go(page, "machine");
  await shows(page, /of \d+ processors?[\s\S]*load [\s\S]*Disks[\s\S]*worker/);
  assert.equal(await page.evaluate(`document.querySelectorAll(".plot canvas").length`), 2);
  await client.call("process/terminate", { processId: "p" });
  await shows(page, /Nothing runs/);
  await go(page, "recordings");
  await (await page.waitForSelector("a::-p-text(.cast)"))!.click();
  await (await page.waitForSelector(".ap-overlay-start"))!.click();
  await eventually(async () => {
    const text = await page.evaluate(`document.querySelector(".ap-term")?.textContent ?? ""`) as string;
    return text.includes("played") ? undefined : `the player shows ${text.trim()}`;
  });
  assert.deepEqual(chromium.errors(), []);
  await page.close();
});

/** Goes to another page of the console. */
async function go(page: Page, path: string, parameters: Record<string, string> = {}): Promise<void> {
  const hash = `#/${path}?${new URLSearchParams(parameters)}`;
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

/** Writes a file of so many MiB that no other has. @returns its digest */
async function writeRandom(path: string, mebibytes: number): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.create(path);
  const block = new Uint8Array(1024 * 1024);
  for (let at = 0; at < mebibytes; at++) {
    for (let part = 0; part < block.length; part += 65_536) {
      crypto.getRandomValues(block.subarray(part, part + 65_536));
    }
    hash.update(block);
    await file.write(block);
  }
  file.close();
  return hash.digest("hex");
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of (await Deno.open(path)).readable) hash.update(block);
  return hash.digest("hex");
}

/** Presses what saves a file. @returns where it is, in a folder that is made for it */
async function download(page: Page, link: Handle | null, folder: string): Promise<string> {
  mkdirSync(folder);
  const session = await page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: folder,
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
  return join(folder, readdirSync(folder)[0]!);
}
