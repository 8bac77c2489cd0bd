/** Recordings that people and clients ask for. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type CastEvent, CastReader } from "../../src/recording/cast_reader.ts";
import { openClient, startParams } from "../support/client.ts";
import { runCommand, RunningCommand } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { terminalEnvironment } from "../support/terminal_program.ts";

function read(file: string): CastEvent[] {
  const reader = new CastReader();
  return Deno.readTextFileSync(file).split("\n").flatMap((line) => reader.read(line) ?? []);
}

const text = (events: readonly CastEvent[]) =>
  events.map((event) => event.kind === "output" ? new TextDecoder().decode(event.bytes) : "").join("");

const markers = (events: readonly CastEvent[]) =>
  events.flatMap((event) => event.kind === "marker" ? [event.text] : []);

Deno.test("a server records a process on a terminal from what it shows to its end, with sizes and take-overs", async () => {
  await using folder = new TempFolder();
  const records = join(folder.path, "records");
  await using server = await startServer({ args: ["--record-dir", records, "--record", "tty"] });
  await using client = await openClient(server.url);
  const script = "printf 'before\\r\\n'; read a; echo got $a; read b";
  const params = startParams("p", ["sh", "-c", script], { tty: true, env: terminalEnvironment });
  await using process = await startedOn(client, params);
  await process.until(/before/);
  const { recordingId, path } = await client.call("process/record", { processId: "p" });
  assert.match(path, /records\/\d{8}T\d{6}-[-0-9a-f]{36}-[0-9a-f]{8}\.cast$/);
  await client.call("process/resize", { processId: "p", size: { rows: 30, cols: 100 } });
  {
    await using viewer = await openClient(server.url, {}, { clientName: "a person" });
    const { processes } = await viewer.call("process/listAll", {});
    await viewer.attach({ processId: "v", handle: processes![0]!.handle, role: "control" });
    await viewer.call("process/keyboard", { processId: "v", take: true, note: "let me" });
    await viewer.call("process/write", { processId: "v", chunk: btoa("x\r"), writeId: "1" });
    await process.until(/got x/);
    await viewer.call("process/keyboard", { processId: "v", take: false });
  }
  const { bytes, gaps, error } = await client.call("process/stopRecording", { recordingId });
  const file = new URL(path).pathname;
  assert.deepEqual([bytes, gaps, error], [Deno.statSync(file).size, 0, null]);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  const recorded = read(file);
  assert.deepEqual(recorded[0]!.kind === "header" && recorded[0]!.size, { rows: 24, cols: 80 });
  assert.match(text(recorded), /before[^]*got x/);
  assert.ok(recorded.some((event) => event.kind === "resize" && event.size.cols === 100));
  assert.deepEqual(markers(recorded), [
    "a person took the keyboard: let me",
    "a person gave the keyboard back after 2 bytes",
  ]);
  await assert.rejects(client.call("process/stopRecording", { recordingId }), { code: -32600 });

  // The one that the server makes of itself goes on to the end.
  await client.call("process/terminate", { processId: "p" });
  await until("both are written", () => readdirSync(records).length === 2);
  const whole = join(records, readdirSync(records).find((name) => !file.endsWith(name))!);
  await until("it has the exit", () => Deno.readTextFileSync(whole).includes('"x", "137"'));
});

Deno.test("what is typed is recorded where that is asked for, and of what a terminal does not show only how long it is", async () => {
  await using folder = new TempFolder();
  const records = join(folder.path, "records");
  await using server = await startServer({ args: ["--record-dir", records, "--record-keys"] });
  await using client = await openClient(server.url);
  const script = "echo name; read a; stty -echo; echo secret; read b; stty echo; echo more; read c";
  await using process = await startedOn(
    client,
    startParams("p", ["sh", "-c", script], { tty: true, env: terminalEnvironment }),
  );
  const path = `file://${folder.path}/p.cast`;
  await process.until(/name/);
  await client.call("process/record", { processId: "p", path, input: "keys" });
  const type = (text: string, writeId: string) =>
    client.call("process/write", { processId: "p", chunk: btoa(text), writeId });
  await type("gr\xc3", "1");
  await type("\xbcn\r", "2");
  await process.until(/secret/);
  await type("hunter2\r", "3");
  await process.until(/more/);
  await type("x\r", "4");
  await until("it has the exit", () => typed(new URL(path).pathname).exited);
  const keys = ["gr", "ün\r", "•••••••\r", "x\r"];
  assert.deepEqual(typed(new URL(path).pathname).keys, keys);
  const [whole] = readdirSync(records);
  await until("so has the server's own", () => typed(join(records, whole!)).exited);
  assert.deepEqual(typed(join(records, whole!)).keys, keys);
});

/** What stands in a recording as typed, and whether it has come to the process's end. */
function typed(file: string): { keys: string[]; exited: boolean } {
  const lines = Deno.readTextFileSync(file).trimEnd().split("\n").slice(1).filter((line) =>
    line.startsWith("[")
  );
  const events = lines.map((line) => JSON.parse(line) as [number, string, string]);
  return {
    keys: events.flatMap(([, code, data]) => code === "i" ? [data] : []),
    exited: events.some(([, code]) => code === "x"),
  };
}

Deno.test("who may not write files records to the server's own folder only, where there is one", async () => {
  await using folder = new TempFolder();
  const tokens = await folder.write(
    "tokens",
    "full role=full\nthe-controller role=control\nthe-viewer role=view\n",
  );
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", tokens];
  const records = join(folder.path, "records");
  for (const args of [auth, [...auth, "--record-dir", records, "--record", "tty"]]) {
    await using server = await startServer({ args });
    await using owner = await openClient(server.url, { token: "full" });
    await owner.start(startParams("p", ["sleep", "1000"]));
    const { handle } = (await owner.call("process/listAll", {})).processes![0]!;
    const path = `file://${folder.path}/${args.length}.cast`;
    await using controller = await openClient(server.url, { token: "the-controller" });
    await controller.attach({ processId: "c", handle, role: "control" });
    await assert.rejects(controller.call("process/record", { processId: "c", path }), /needs the role full/);
    const keys = controller.call("process/record", { processId: "c", input: "keys" });
    await assert.rejects(keys, /needs the role full/);
    const own = controller.call("process/record", { processId: "c" });
    if (args === auth) await assert.rejects(own, /give the recording a path: this server has no folder/);
    else assert.match((await own).path, /records/);
    await using viewer = await openClient(server.url, { token: "the-viewer" });
    await viewer.attach({ processId: "v", handle });
    await assert.rejects(viewer.call("process/record", { processId: "v" }), /needs the role control/);
    assert.ok((await viewer.call("process/export", { processId: "v" })).chunk.length > 0);

    const made = await owner.call("process/record", { processId: "p", path });
    assert.equal(made.path, path);
    await assert.rejects(owner.call("process/record", { processId: "p", path }), /File exists/);
    const missing = `file://${folder.path}/none/p.cast`;
    await assert.rejects(owner.call("process/record", { processId: "p", path: missing }), { code: -32004 });
  }
});

Deno.test("a recording ends at its limit, and one for which there is no disk ends without its process", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  await using client = await openClient(server.url);
  await using process = await startedOn(
    client,
    startParams("p", ["sh", "-c", "read a; seq 10000; read b"], { pipeStdin: true }),
  );
  const path = `file://${folder.path}/p.cast`;
  const { recordingId } = await client.call("process/record", { processId: "p", path, maxBytes: 1_000 });
  await client.call("process/write", { processId: "p", chunk: btoa("\n"), writeId: "1" });
  await process.until(/\n10000\n/);
  const outcome = await client.call("process/stopRecording", { recordingId });
  assert.equal(outcome.bytes, Deno.statSync(new URL(path).pathname).size);
  assert.deepEqual(markers(read(new URL(path).pathname)), ["the recording has reached its limit"]);
  assert.equal((await client.call("process/list", null)).processes[0]!.exited, false);
});

Deno.test("people record a command that they run, and one that runs, to a file of their own", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  const env = { EXEC_SERVER_URL: server.url };
  const file = (name: string) => join(folder.path, name);
  const script = "echo out; echo err >&2; printf '\\377'; exit 7";
  const ran = await runCommand(["run", "--record", file("run"), "--", "sh", "-c", script], { env });
  assert.deepEqual([ran.code, [...ran.stdout.slice(-2)], ran.stderr], [7, [10, 255], "err\n"]);
  const played = await runCommand(["play", "--raw", file("run")]);
  assert.deepEqual([played.stdout, played.stderr], [ran.stdout, ran.stderr]);
  assert.equal(read(file("run")).at(-1)?.kind, "exit");
  const again = await runCommand(["run", "--record", file("run"), "--", "true"], { env });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /Cannot write ".*run": File exists/);

  await runCommand([
    "run",
    "-d",
    "-i",
    "--name",
    "job",
    "--",
    "sh",
    "-c",
    "echo old; read x; echo new $x; exit 5",
  ], {
    env,
  });
  {
    await using seen = new RunningCommand(["logs", "-f", "job"], { env });
    await seen.until(/old/);
  }
  await using recording = new RunningCommand(["record", "job", file("job")], { env });
  // It is attached before it has a file.
  await until("it records", () => existsWithText(file("job")));
  await runCommand(["attach", "job"], { env, stdin: "x\n" });
  assert.equal((await recording.ended()).code, 0);
  const events = read(file("job"));
  assert.equal(text(events), "new x\n");
  const last = events.at(-1)!;
  assert.equal(last.kind === "exit" && last.exitCode, 5);

  for (
    const [args, message] of [
      [[], /"record" needs a process/],
      [["job"], /"record" needs a file to write, or --on-server/],
      [["--max-bytes", "5", "job", "f"], /--max-bytes is for --on-server/],
      [["--stop", "x", "job"], /--stop ends a recording: it takes nothing else/],
    ] as const
  ) {
    const refused = await runCommand(["record", ...args], { env });
    assert.match(refused.stderr, message);
    assert.equal(refused.code, 2);
  }
});

function existsWithText(file: string): boolean {
  try {
    return Deno.readTextFileSync(file).length > 0;
  } catch {
    return false;
  }
}

/** A process of a client, and its output as it comes. */
async function startedOn(
  client: Awaited<ReturnType<typeof openClient>>,
  params: ReturnType<typeof startParams>,
) {
  const events = (await client.start(params))[Symbol.asyncIterator]();
  let seen = "";
  return {
    async until(pattern: RegExp): Promise<void> {
      while (!pattern.test(seen)) {
        const { value, done } = await events.next();
        if (done) throw new Error(`The output ended without ${pattern}: ${seen}`);
        if (value.kind === "output") seen += new TextDecoder().decode(value.bytes);
      }
    },
    async [Symbol.asyncDispose]() {
      await events.return?.();
    },
  };
}
