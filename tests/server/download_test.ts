import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { answerFile, answerOutput } from "../../src/server/downloads/answer_download.ts";
import { MachineDisk } from "../../src/file_system/disk.ts";
import type { Role } from "../../src/protocol/roles.ts";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import { TempFolder } from "../support/temp_folder.ts";

function routes(role: Role = "full"): Hono {
  const domain = { role, who: undefined, disk: new MachineDisk(), processes: { get: () => undefined } };
  return new Hono().get("/files", (c) => answerFile(c, domain)).get(
    "/output",
    (c) => answerOutput(c, domain),
  );
}

function address(path: string): string {
  return `/files?${new URLSearchParams({ path: formatFileUri(path, "linux") })}`;
}

Deno.test("a file comes as it is, under its own name", async () => {
  await using folder = new TempFolder();
  const path = join(folder.path, `it's "x"; a=b\r\n<é>`);
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  writeFileSync(path, bytes);
  const answer = await routes().request(address(path));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-length"), "60000");
  assert.equal(answer.headers.get("content-type"), "application/octet-stream");
  const name = "it%27s%20%22x%22%3B%20a%3Db%0D%0A%3C%C3%A9%3E";
  assert.equal(answer.headers.get("content-disposition"), `attachment; filename*=UTF-8''${name}`);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), bytes);
});

Deno.test("a file that grows is sent as it was, one that shrinks fails, and an empty one is empty", async () => {
  await using folder = new TempFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, new Uint8Array(1_000_000));
  const grown = await routes().request(address(path));
  appendFileSync(path, "more");
  assert.equal((await grown.arrayBuffer()).byteLength, 1_000_000);
  const shrunk = await routes().request(address(path));
  truncateSync(path, 10);
  await assert.rejects(shrunk.arrayBuffer(), /became shorter/);
  truncateSync(path, 0);
  assert.equal((await (await routes().request(address(path))).arrayBuffer()).byteLength, 0);
});

Deno.test("files are for those with the role full, and nothing else is sent", async () => {
  await using folder = new TempFolder();
  mkdirSync(join(folder.path, "directory"));
  const path = join(folder.path, "file");
  writeFileSync(path, "secret");
  const status = async (role: Role, url: string) => (await routes(role).request(url)).status;
  assert.equal(await status("control", address(path)), 403);
  assert.equal(await status("view", address(path)), 403);
  assert.equal(await status("full", address(`${path}s`)), 404);
  assert.equal(await status("full", address(join(folder.path, "directory"))), 404);
  assert.equal(await status("full", "/files?path=/etc/passwd"), 400);
  assert.equal(await status("full", "/files"), 400);
  assert.equal(await status("view", "/output?process=x"), 404);
  assert.equal(await status("view", "/output?process=x&format=exe"), 400);
});

Deno.test("whoever asks for the head only, or goes away, leaves no file open", async () => {
  await using folder = new TempFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, new Uint8Array(2_000_000));
  const isOpen = () =>
    [...Deno.readDirSync("/proc/self/fd")].some(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/self/fd/${name}`) === path;
      } catch {
        return false;
      }
    });
  const head = await routes().request(address(path), { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "2000000");
  const left = await routes().request(address(path));
  assert.ok(isOpen());
  await left.body!.cancel();
  for (let turn = 0; isOpen(); turn++) {
    assert.ok(turn < 1_000, "it is still open");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
});
