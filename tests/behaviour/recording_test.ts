/** Recordings that a server makes, and their playing. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultOf } from "../../src/protocol/methods.ts";
import { startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire, type WireMessage } from "../support/wire.ts";

type RecordingList = ResultOf<"recording/list">;

const closed = ({ method }: WireMessage) => method === "process/closed";

/** What `seq` and two streams print, with bytes that are no UTF-8. */
const script = "seq 1 20000; printf '\\377\\376h\\303' >&2; sleep 0.1; printf '\\251llo\\n' >&2; exit 3";

Deno.test("a recording gives back what a process printed, byte by byte and stream by stream", async () => {
  await using folder = new TempFolder();
  const records = join(folder.path, "made for it");
  await using server = await startServer({ args: ["--record-dir", records] });
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("p", ["sh", "-c", script]));
  await wire.next(closed);
  await until("it is written", () => existsSync(records) && texts(records)[0]?.includes('"x", "3"') === true);
  const file = join(records, readdirSync(records)[0]!);
  const played = await runCommand(["play", "--raw", file]);
  const really = new Deno.Command("sh", { args: ["-c", script] }).outputSync();
  assert.deepEqual(played.stdout, really.stdout);
  assert.equal(played.code, 0);
  const raw = new Deno.Command("sh", {
    args: ["-c", '"$@" 2>&1 >/dev/null', "sh", ...serverCommand(), "play", "--raw", file],
  })
    .outputSync();
  assert.deepEqual(raw.stdout, really.stderr);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(file, /\d{8}T\d{6}-[0-9a-f-]{36}\.cast$/);
});

Deno.test("the recordings of a server's folder are told, the newest first", async () => {
  await using folder = new TempFolder();
  const records = join(folder.path, "records");
  await using server = await startServer({ args: ["--record-dir", records] });
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const list = async () => await wire.request("recording/list", null) as RecordingList;
  assert.deepEqual(await list(), { folder: `file://${records}`, recordings: [], isCut: false });
  writeFileSync(join(records, "19990101-old.cast"), "x");
  writeFileSync(join(records, "notes.txt"), "x");
  await wire.request("process/start", startParams("p", ["sh", "-c", "echo begun; sleep 600"]));
  const { processes } = await wire.request("process/listAll", {}) as ResultOf<"process/listAll">;
  await until("it is recorded", () => texts(records).some((text) => text.includes("begun")));
  const [newest, old, ...none] = (await list()).recordings;
  assert.deepEqual([newest!.handle, newest!.isRunning], [processes![0]!.handle, true]);
  assert.ok(newest!.bytes > 0 && newest!.modifiedAtMs > 0);
  assert.deepEqual([old!.handle, old!.isRunning, old!.path], [
    null,
    false,
    `file://${records}/19990101-old.cast`,
  ]);
  assert.deepEqual(none, []);
  rmSync(records, { recursive: true });
  await assert.rejects(wire.request("recording/list", null), { code: -32004 });
});

Deno.test("a server without such a folder has no recordings", async () => {
  await using server = await startServer();
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const result = await wire.request("recording/list", null);
  assert.deepEqual(result, { folder: null, recordings: [], isCut: false });
});

Deno.test("only what was asked for is recorded, up to a limit, and a recording that fails holds nobody up", async () => {
  await using folder = new TempFolder();
  const records = join(folder.path, "records");
  const args = ["--record-dir", records, "--record", "tty", "--record-max-bytes", "2000"];
  await using server = await startServer({ args });
  using wire = await Wire.open(server.url);
  await wire.initialize();
  await wire.request("process/start", startParams("pipes", ["seq", "1000"]));
  await wire.next(closed);
  await wire.request("process/start", startParams("tty", ["seq", "100000"], { tty: true }));
  await wire.next(closed);
  await until("it is full", () => texts(records).some((text) => text.includes("has reached its limit")));
  const [text, ...others] = texts(records);
  assert.deepEqual(others, []);
  assert.ok(text!.length < 200_000);
  rmSync(records, { recursive: true });
  await wire.request("process/start", startParams("more", ["seq", "10"], { tty: true }));
  await wire.next(closed);
  await until("the log says so", () => /ERROR recording ended .*not recorded any more/.test(server.stderr()));
});

function texts(folder: string): string[] {
  return readdirSync(folder).map((name) => Deno.readTextFileSync(join(folder, name)));
}

Deno.test("play shows a recording of any program at a pace, and says what is wrong with a file", async () => {
  await using folder = new TempFolder();
  const file = await folder.write(
    "v2.cast",
    '{"version":2,"width":80,"height":24}\n[0.1,"o","a"]\n[900,"o","b\\n"]\n',
  );
  const { text, code } = await runCommand(["play", "--idle-limit", "10ms", "--speed", "2", file]);
  assert.deepEqual([text, code], ["ab\n", 0]);
  const late = await runCommand(["play", "--from", "20m", file]);
  assert.deepEqual([late.text, late.code], ["ab\n", 0], "a quarter of an hour is not waited for");
  const refusals: [string[], RegExp, number][] = [
    [[], /play takes one file/, 2],
    [[join(folder.path, "none")], /Cannot read ".*none": No such file or directory/, 2],
    [[await folder.write("text", "hello\n")], /line 1: this is no JSON/, 125],
    [["--speed", "0", file], /--speed takes a number above 0/, 2],
    [["--idle-limit", "x", file], /needs a duration/, 2],
    [["--from", "x", file], /needs a duration/, 2],
  ];
  for (const [args, message, status] of refusals) {
    const { stderr, code } = await runCommand(["play", ...args]);
    assert.match(stderr, message);
    assert.equal(code, status, stderr);
  }
});
