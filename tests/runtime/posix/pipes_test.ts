/** Children behind pipes that were started through the C library. */
import assert from "node:assert/strict";
import { FLOOD_CHUNK_BYTES, FLOOD_PIPES } from "../../../src/limits.ts";
import type {
  ByteSource,
  ChildProcess,
  PipeSpawnRequest,
  SpawnRequest,
} from "../../../src/host/child_process.ts";
import { openPoller } from "../../../src/runtime/posix/native.ts";
import { openPipe } from "../../../src/runtime/posix/pipe.ts";
import { spawnSession } from "../../../src/runtime/posix/posix_spawn.ts";
import { openPseudoTerminal } from "../../../src/runtime/posix/pseudo_terminal.ts";
import { posixSpawner } from "../../../src/runtime/posix/spawner.ts";
import { bytesWritten, isAlive, until, untilSteady } from "../../support/proc.ts";
import { libc } from "./open_libc.ts";
import { exitOf } from "../../support/exit_of.ts";

type Output = ChildProcess["outputs"][number];

const { spawnPipes, adopt } = posixSpawner(() => ({ libc, poller: openPoller(libc) }), () => {
  throw new Error("The C library is there");
});

function bash(script: string, request: Partial<PipeSpawnRequest> = {}): ChildProcess {
  return spawnPipes({ ...bashRequest(script), stdin: "null", ...request });
}

function bashRequest(script: string): SpawnRequest {
  return {
    program: "/bin/bash",
    argv0: "bash",
    args: ["-c", script],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  };
}

async function textOf(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes; (bytes = await source.read(65_536)) !== null;) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}

/** What a child wrote and how it ended. */
async function finished(child: ChildProcess): Promise<{ out: string; err: string; code: number | null }> {
  const [out, err, { code }] = await Promise.all([
    ...child.outputs.map(({ source }) => textOf(source)) as [Promise<string>, Promise<string>],
    child.exit,
  ]);
  return { out, err, code };
}

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("streams are apart, and the exit is told", async () => {
  assert.deepEqual(await finished(bash("echo out; echo err >&2; exit 7")), {
    out: "out\n",
    err: "err\n",
    code: 7,
  });
  assert.deepEqual(await exitOf(bash("kill -9 $$")), { code: null, signal: "SIGKILL" });
});

Deno.test("argv[0], arguments, directory and environment arrive", async () => {
  const script = `printf '%s|' "$0" "$@" "$PWD" "$X"`;
  const args = ["-c", script, "zero", "a b", "", "é\n"];
  const { out } = await finished(bash("", { args, cwd: "/usr", env: { PATH: "/usr/bin:/bin", X: "1=2" } }));
  assert.equal(out, "zero|a b||é\n|/usr|1=2|");
  assert.match(
    (await finished(bash("tr '\\0' ' ' < /proc/$$/cmdline", { argv0: "other" }))).out,
    /^other -c/,
  );
});

Deno.test("no child holds another's pipes open", async () => {
  const reading = bash("cat", { stdin: "pipe" });
  const later = bash("exec sleep 60");
  await reading.stdin!.write(new TextEncoder().encode("bytes"));
  await reading.stdin!.close();
  assert.deepEqual(await finished(reading), { out: "bytes", err: "", code: 0 });
  Deno.kill(later.pid, "SIGKILL");
  await finished(later);
});

Deno.test("a start that fails says why and leaves nothing behind", async () => {
  await finished(bash("")); // What all share is open.
  const before = descriptors();
  for (const [program, code] of [["/no/such", "ENOENT"], ["/etc/passwd", "EACCES"]] as const) {
    assert.throws(() => bash("", { program, stdin: "pipe" }), { code });
  }
  assert.equal(descriptors(), before);
});

Deno.test("what a child wrote is there before its exit is told", async () => {
  for (let i = 0; i < 50; i++) {
    const child = bash("echo done");
    const order: string[] = [];
    await Promise.all([
      child.outputs[0]!.source.read(100).then(() => order.push("output")),
      child.exit.then(() => order.push("exit")),
    ]);
    assert.deepEqual(order, ["output", "exit"]);
    child.outputs.forEach(({ source }) => source.cancel());
  }
});

Deno.test("200 children at once lose no byte and leave no descriptor open", async () => {
  const before = descriptors();
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => finished(bash("seq 1 20000"))));
  const expected = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join("");
  for (const { out, code } of outcomes) assert.ok(out === expected && code === 0);
  // The poller closes what a call in progress looks at after that call.
  await until("every descriptor is closed", () => descriptors() <= before);
});

Deno.test("a child that nobody reads is held up, and loses nothing", async () => {
  // The shell writes it all itself, so that what it wrote is told of its own pid.
  const child = bash("printf '%01000000d'; echo end >&2");
  await until("it writes", () => bytesWritten(child.pid)! > 0);
  const written = await untilSteady(() => bytesWritten(child.pid));
  assert.ok(isAlive(child.pid) && written! < 1_000_000, "it is held up");
  assert.deepEqual(await finished(child), { out: "0".repeat(1_000_000), err: "end\n", code: 0 });
});

Deno.test("input is written at the pace of the child, and ends when it is closed", async () => {
  const child = bash("sleep 0.2; sha1sum", { stdin: "pipe" });
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const all = new Uint8Array(20 * bytes.length);
  for (let i = 0; i < 20; i++) {
    all.set(bytes, i * bytes.length);
    await child.stdin!.write(bytes);
  }
  await child.stdin!.close();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", all));
  assert.equal((await finished(child)).out, `${digest.toHex()}  -\n`);
});

Deno.test("a write that is held up ends when the input is closed, and when the child has gone", async () => {
  const closing = bash("sleep 60", { stdin: "pipe" });
  const held = closing.stdin!.write(new Uint8Array(1_000_000));
  await closing.stdin!.close();
  await assert.rejects(held, { code: "EPIPE" });
  await assert.rejects(closing.stdin!.write(new Uint8Array(1)), { code: "EPIPE" });
  const dying = bash("exec sleep 60", { stdin: "pipe" });
  const lost = dying.stdin!.write(new Uint8Array(1_000_000));
  for (const { pid } of [closing, dying]) Deno.kill(-pid, "SIGKILL");
  await assert.rejects(lost, { code: "EPIPE" });
  await Promise.all([finished(closing), finished(dying)]);
  await dying.stdin!.close();
});

Deno.test("a reader that gives up gets null, and a child that writes on gets SIGPIPE", async () => {
  const child = bash("exec yes");
  const reading = Promise.all(child.outputs.map(({ source }) => source.read(10)));
  child.outputs.forEach(({ source }) => source.cancel());
  assert.ok((await reading).every((bytes) => bytes === null || bytes.length > 0));
  assert.equal((await child.exit).signal, "SIGPIPE");
  await until("it is gone", () => !isAlive(child.pid));
});

Deno.test("a reader that finishes gets what was written by then, and nothing of what others write on", async () => {
  for (const large of [false, true]) {
    const child = bash("exec seq 1 1000000 2>&1");
    const [{ source: output }, { source: errors }] = child.outputs as [Output, Output];
    if (large) assert.ok(output.enlarge!());
    const written = await untilSteady(() => bytesWritten(child.pid));
    errors.finish!();
    assert.equal(await errors.read(10), null, "an empty pipe ends at once");
    output.finish!();
    const parts: string[] = [];
    for (let bytes; (bytes = await output.read(50_000)) !== null;) {
      parts.push(new TextDecoder().decode(bytes));
    }
    const text = parts.join("");
    assert.equal(text.length, written);
    assert.ok(Array.from({ length: 1_000_000 }, (_, i) => `${i + 1}\n`).join("").startsWith(text));
    assert.equal((await child.exit).signal, "SIGPIPE");
    output.finish!();
  }
});

Deno.test("an enlarged pipe holds a flood while nobody reads it, and loses none of it", async () => {
  const child = bash("printf '%01000000d'; echo end >&2");
  const [{ source: output }, { source: errors }] = child.outputs as [Output, Output];
  assert.ok(output.enlarge!());
  assert.equal(new TextDecoder().decode((await errors.read(100))!), "end\n"); // It was not held up.
  let length = 0;
  for (let bytes; (bytes = await output.read(FLOOD_CHUNK_BYTES)) !== null; length += bytes.length) {
    assert.ok(bytes.length <= FLOOD_CHUNK_BYTES && bytes.every((byte) => byte === 0x30));
  }
  assert.equal(length, 1_000_000);
  assert.equal((await finished(child)).code, 0);
});

Deno.test("no more than so many pipes are large at once, and each that ends makes room for another", async () => {
  const children = Array.from({ length: FLOOD_PIPES + 1 }, () => bash("exec sleep 60"));
  const [last, ...others] = children.map(({ outputs }) => outputs[0]!.source);
  assert.deepEqual(others.map((source) => source.enlarge!()), others.map(() => true));
  assert.equal(last!.enlarge!(), false);
  others[0]!.cancel();
  assert.ok(!others[0]!.enlarge!() && last!.enlarge!());
  for (const { pid } of children) Deno.kill(pid, "SIGKILL");
  await Promise.all(children.map(finished));
});

Deno.test("a child that is taken over is read, written to and reaped", async () => {
  const script = "read line; echo $line; echo err >&2; exit 3";
  const [stdin, stdout, stderr] = [openPipe(libc), openPipe(libc), openPipe(libc)];
  const pid = spawnSession(libc, bashRequest(script), [stdin.read, stdout.write, stderr.write]);
  for (const descriptor of [stdin.read, stdout.write, stderr.write]) libc.c.close(descriptor);
  const child = adopt!(pid, { kind: "pipes", stdin: stdin.write, stdout: stdout.read, stderr: stderr.read });
  await child.stdin!.write(new TextEncoder().encode("hello\n"));
  assert.deepEqual(await finished(child), { out: "hello\n", err: "err\n", code: 3 });
  await child.stdin!.close();
});

Deno.test("a child on a terminal that is taken over is read, written to, resized and reaped", async () => {
  const { master, slave, slavePath } = openPseudoTerminal(libc, { rows: 10, cols: 20 });
  const script = "stty -echo; echo ready; read line; stty size; exit 4";
  const pid = spawnSession(libc, bashRequest(script), [{ path: slavePath }, 0, 0]);
  const child = adopt!(pid, { kind: "terminal", master, slave });
  const { source } = child.outputs[0]!;
  assert.match(new TextDecoder().decode((await source.read(100))!), /ready/);
  child.resize!({ rows: 30, cols: 90 });
  await child.stdin!.write(new TextEncoder().encode("hello\n"));
  assert.match(await textOf(source), /30 90/);
  assert.equal((await child.exit).code, 4);
  await child.stdin!.close();
});
