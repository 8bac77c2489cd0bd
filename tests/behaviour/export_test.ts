/** Recordings that are made of what a server keeps of a process. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { concat } from "@std/bytes/concat";
import type { ExecServerClient } from "../../src/client/client.ts";
import { RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import { CastReader } from "../../src/recording/cast_reader.ts";
import { collect, openClient, startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { terminalEnvironment, TerminalProgram } from "../support/terminal_program.ts";
import { FakeProcess } from "../screen/fake_process.ts";

type Format = "v3" | "v2" | "text" | "raw";

/** A whole file, put together of its parts. */
async function exported(client: ExecServerClient, processId: string, format: Format): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let position: string | null | undefined;
  do {
    const part = await client.call("process/export", { processId, format, position });
    parts.push(part.chunk);
    position = part.position;
  } while (position !== null);
  return concat(parts);
}

function eventsOf(recording: Uint8Array) {
  const reader = new CastReader();
  return new TextDecoder().decode(recording).split("\n").flatMap((line) => reader.read(line) ?? []);
}

function has(program: string): boolean {
  return terminalEnvironment.PATH.split(":").some((folder) => existsSync(join(folder, program)));
}

Deno.test("what is kept of a process that has ended becomes a recording, exact to the byte", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  const env = { EXEC_SERVER_URL: server.url };
  const script = "printf 'a\\r\\nb\\303'; sleep 0.05; printf '\\251\\377\\n'; printf 'e\\n' >&2; exit 3";
  await using client = await openClient(server.url);
  const { events } = await collect(await client.start(startParams("p", ["sh", "-c", script])));
  const written = concat(events.flatMap((event) => event.kind === "output" ? [event.bytes] : []));
  const handle = (await client.call("process/listAll", {})).processes![0]!.handle;

  const file = join(folder.path, "p.cast");
  const made = await runCommand(["export", handle, file], { env });
  assert.deepEqual([made.code, made.text, made.stderr], [0, "", ""]);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  const played = await runCommand(["play", "--raw", file]);
  assert.deepEqual(played.text + "|" + played.stderr, "a\r\nbé\ufffd\n|e\n");
  const [header, ...rest] = eventsOf(Deno.readFileSync(file));
  assert.deepEqual(header, { kind: "header", size: { rows: 24, cols: 80 } });
  assert.deepEqual(rest.at(-1)?.kind === "exit" && rest.at(-1), { ...rest.at(-1), exitCode: 3 });

  assert.deepEqual((await runCommand(["export", "--format", "raw", handle], { env })).stdout, written);
  const v2 = await runCommand(["export", "--format=v2", handle, "-"], { env });
  assert.match(
    v2.text,
    /^{"version":2,"width":80,"height":24,"timestamp":\d+}\n\[\d\.\d{3}, "o", "a\\r\\r\\n/,
  );

  const again = await runCommand(["export", handle, file], { env });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /Cannot write ".*p\.cast": File exists.*choose another name/);
});

Deno.test("a recording of much output comes in parts, and what is not kept is a marker in it", async () => {
  await using server = await startServer();
  await using client = await openClient(server.url);
  const count = 400_000;
  await collect(await client.start(startParams("p", ["seq", String(count)])));
  const recording = eventsOf(await exported(client, "p", "v3"));
  const output = concat(recording.flatMap((event) => event.kind === "output" ? [event.bytes] : []));
  assert.ok(output.length > RETAINED_OUTPUT_BYTES / 2);
  assert.ok(recording.some((event) => event.kind === "marker" && /^gap: events 1 to \d+$/.test(event.text)));
  const raw = await exported(client, "p", "raw");
  assert.deepEqual(raw, output);
  assert.ok(new TextDecoder().decode(raw).endsWith(`\n${count}\n`));
});

Deno.test("a recording of what is on disk is whole", async () => {
  await using folder = new TempFolder();
  await using server = await startServer({ args: ["--spool", folder.path] });
  await using client = await openClient(server.url);
  const script = "seq 400000; head -c 3000000 /dev/urandom; echo end >&2";
  const outcome = await collect(await client.start(startParams("p", ["sh", "-c", script])));
  const recording = eventsOf(await exported(client, "p", "v3"));
  for (const stream of ["stdout", "stderr"] as const) {
    // A character that is not whole yet waits for its rest, and what comes on another stream does not.
    const recorded = recording.flatMap((event) =>
      event.kind === "output" && event.stream === stream ? [event.bytes] : []
    );
    assert.deepEqual(concat(recorded), outcome[stream]);
  }
  assert.ok(!recording.some(({ kind }) => kind === "marker"));
});

Deno.test("a position that no answer told is refused", async () => {
  await using server = await startServer();
  await using client = await openClient(server.url);
  await collect(await client.start(startParams("p", ["true"])));
  const cast = (rest: string) => ({
    seq: 1,
    sizedTo: 1,
    cast: { version: 3, startMs: 0, lastMs: 0, leftMs: 0, stream: "stdout", rests: { stdout: rest } },
  });
  const position = (value: unknown) => btoa(JSON.stringify(value));
  const wrong = [
    "",
    "?",
    position(null),
    position({ format: "v3", seq: 0, last: 1 }),
    position({ format: "raw", seq: 1, last: 1 }),
    position({ format: "v3", seq: 1, last: 1, cast: cast("====") }),
    position({ format: "v3", seq: 1, last: 1, cast: cast("a") }),
  ];
  for (const position of wrong) {
    await assert.rejects(client.call("process/export", { processId: "p", format: "v3", position }), {
      code: -32602,
    });
  }
  await assert.rejects(client.call("process/export", { processId: "other" }), { code: -32600 });
});

for (const program of ["vim", "htop"]) {
  Deno.test({
    name: `${program} is recorded with its sizes, and the recording played into a terminal looks the same`,
    ignore: !has(program),
    async fn() {
      await using folder = new TempFolder();
      await using server = await startServer();
      await using client = await openClient(server.url);
      const text = await folder.write("text", "line\n".repeat(200) + "wide 你好 😀\n");
      const argv = program === "vim" ? ["vim", "-u", "NONE", "-c", "set nocp ruler", text] : ["htop"];
      const shown = await TerminalProgram.start(client, argv);
      await shown.see(({ lines }) => lines.some((line) => /line|PID/.test(line)));
      const { processId } = (await client.call("process/list", null)).processes[0]!;
      await client.call("process/resize", { processId, size: { rows: 30, cols: 100 } });
      await shown.see(({ size, lines }) =>
        size.cols === 100 && lines.some((line) => line.length > 80 || /line/.test(line))
      );
      if (program === "vim") {
        await client.call("process/write", { processId, chunk: btoa("G"), writeId: "1" });
        await shown.see(({ lines }) => lines.some((line) => line.includes("你好 😀")));
      }
      await client.call("process/signal", { processId, signal: "stop" });
      for (;;) {
        const recording = eventsOf(await exported(client, processId, "v3"));
        const live = await shown.look();
        // What it had written may still be on the way.
        const raw = await exported(client, processId, "raw");
        const output = recording.flatMap((event) => event.kind === "output" ? [event.bytes] : []);
        if (concat(output).length < raw.length) continue;
        const header = recording[0]!;
        assert.ok(header.kind === "header");
        const terminal = new FakeProcess(header.size);
        for (const event of recording) {
          if (event.kind === "output") terminal.write(event.bytes);
          if (event.kind === "resize") terminal.sizes.record(event.size);
        }
        const replayed = await terminal.text();
        assert.deepEqual({ ...replayed, seq: 0 }, { ...live, seq: 0 });
        break;
      }
      await client.call("process/terminate", { processId });
    },
  });
}

Deno.test({
  name: "asciinema shows a recording in asciicast v2",
  ignore: !has("asciinema") || !has("script"),
  async fn() {
    await using folder = new TempFolder();
    await using server = await startServer();
    await using client = await openClient(server.url);
    const script =
      "printf '\\033[31mré\\033[0m\\r\\n'; stty size; printf 'end\\303'; sleep 0.05; printf '\\251\\r\\n'";
    const { events } = await collect(
      await client.start(startParams("p", ["sh", "-c", script], { tty: true })),
    );
    const written = concat(events.flatMap((event) => event.kind === "output" ? [event.bytes] : []));
    const file = await folder.write("p.cast", new TextDecoder().decode(await exported(client, "p", "v2")));
    const { stdout } = await new Deno.Command("script", {
      args: ["-qec", `asciinema cat '${file}'`, "/dev/null"],
      env: { ...terminalEnvironment, HOME: folder.path, LC_ALL: "C.UTF-8" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(text.includes("\x1b[31mré\x1b[0m"), text);
    assert.ok(text.includes("24 80"), text);
    assert.ok(text.includes("endé"), text);
    assert.ok(new TextDecoder().decode(written).includes("endé"));
  },
});
