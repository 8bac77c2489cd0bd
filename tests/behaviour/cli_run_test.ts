import { concat } from "@std/bytes/concat";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { textOf } from "../support/client.ts";
import { runCommand, RunningCommand, runScript } from "../support/command.ts";
import { serverRuntime } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Compares without printing a difference, which takes minutes for a megabyte. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  strictEqual(actual.length, expected.length);
  strictEqual(Buffer.compare(actual, expected), 0);
}

function sh(script: string): string[] {
  return ["run", "--", "sh", "-c", script];
}

Deno.test("any bytes go in and come out unchanged", async () => {
  const bytes = randomBytes(1 << 20);
  const { code, stdout, stderr } = await runCommand(["run", "--", "cat"], { stdin: bytes });
  strictEqual(code, 0);
  strictEqual(stderr, "");
  assertSameBytes(stdout, bytes);
});

Deno.test("it stands in a pipeline like any command", async () => {
  const { code, text, stderr } = await runScript(`
    set -e -o pipefail
    folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
    head -c 1048576 /dev/urandom > "$folder/in"
    "$@" run -- cat < "$folder/in" | "$@" run -- tee "$folder/middle" | "$@" run -- cat > "$folder/out"
    cmp "$folder/in" "$folder/middle"
    cmp "$folder/in" "$folder/out"
    echo done
  `);
  deepStrictEqual([code, text, stderr], [0, "done\n", ""]);
});

Deno.test("100 MB go through and back", async () => {
  const { code, text } = await runScript(
    `set -o pipefail; head -c 100000000 /dev/zero | "$@" run -- cat | cmp -n 100000000 - /dev/zero; echo $?`,
  );
  deepStrictEqual([code, text], [0, "0\n"]);
});

Deno.test("stdout and stderr stay apart, byte for byte", async () => {
  const bytes = randomBytes(100_000);
  const { stdout } = await runScript(`"$@" run -- sh -c 'cat >&2; printf out' 2>&1 >/dev/null`, {
    stdin: bytes,
  });
  assertSameBytes(stdout, bytes);
  const both = await runCommand(sh("printf out; printf err >&2"));
  deepStrictEqual([both.text, both.stderr], ["out", "err"]);
});

Deno.test("the end of input is passed on, whatever stdin is", async () => {
  const ways = ["</dev/null", "<&-", "</etc/hostname", '< <(printf "")', "<<< word"];
  for (const way of ways) {
    const { code, text, stderr } = await runScript(`"$@" run -- sh -c 'cat >/dev/null; echo end' ${way}`);
    deepStrictEqual([code, text, stderr], [0, "end\n", ""], way);
  }
});

Deno.test("input that cannot be read ends at once", async () => {
  const { code, text } = await runScript(`"$@" run -- sh -c 'cat; echo end' </`);
  deepStrictEqual([code, text], [0, "end\n"]);
});

Deno.test("a command ends while its stdin is open", async () => {
  await using command = new RunningCommand(sh("echo here; exit 4"));
  strictEqual((await command.ended()).code, 4);
  strictEqual(command.text(), "here\n");
});

Deno.test("input is passed on as it comes", async () => {
  await using command = new RunningCommand(["run", "--", "cat"]);
  await command.write("one\n");
  await command.until(/^one\n$/);
  await command.write("two\n");
  await command.until(/^one\ntwo\n$/);
  await command.closeStdin();
  strictEqual((await command.ended()).code, 0);
});

Deno.test("input that the command does not read holds nothing up", async () => {
  const { code, text } = await runScript(
    `set -o pipefail; (head -c 30000000 /dev/zero || true) | "$@" run -- sh -c 'head -c 5 >/dev/null; exit 6'; echo $?`,
  );
  deepStrictEqual([code, text], [0, "6\n"]);
});

Deno.test("the exit status is the command's", async () => {
  for (const status of [0, 3, 255]) strictEqual((await runCommand(sh(`exit ${status}`))).code, status);
  const signals: [signal: string, number: number][] = [["TERM", 15], ["KILL", 9], ["INT", 2], ["SEGV", 11]];
  for (const [signal, number] of signals) {
    strictEqual((await runCommand(sh(`ulimit -c 0; kill -${signal} $$`))).code, 128 + number, signal);
  }
});

Deno.test("the status tells why a command did not start, and stderr in one line", async () => {
  await using temporary = new TempFolder();
  const folder = temporary.path;
  await temporary.write("plain", "echo no\n");
  const failures: [args: string[], status: number, line: string][] = [
    [["--", "no-such-program"], 127, 'Cannot run "no-such-program": No such file or directory'],
    [["--", `${folder}/none`], 127, `Cannot run "${folder}/none": No such file or directory`],
    [["--", `${folder}/plain`], 126, `Cannot run "${folder}/plain": Permission denied`],
    [["--", folder], 126, `Cannot run "${folder}": Permission denied`],
    [["--", `${folder}/plain/x`], 126, `Cannot run "${folder}/plain/x": Not a directory`],
    [
      ["--cwd", `${folder}/none`, "--", "true"],
      125,
      `Cannot start in "${folder}/none": No such file or directory`,
    ],
    [["--cwd", `${folder}/plain`, "--", "true"], 125, `Cannot start in "${folder}/plain": Not a directory`],
    [
      ["--cwd", `${folder}/none`, "--", "no-such-program"],
      125,
      `Cannot start in "${folder}/none": No such file or directory`,
    ],
  ];
  for (const [args, status, line] of failures) {
    const { code, text, stderr } = await runCommand(["run", ...args]);
    deepStrictEqual([code, text, stderr], [status, "", `exec-server: ${line}\n`]);
  }
});

Deno.test("a command that takes too long is ended with status 124, even one that ignores being asked", async () => {
  const polite = await runCommand([
    "run",
    "--timeout",
    "200ms",
    "--",
    "sh",
    "-c",
    "echo up; exec sleep 1000",
  ]);
  deepStrictEqual([polite.code, polite.text], [124, "up\n"]);
  const asked = "trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done";
  const stubborn = await runCommand(["run", "--timeout=0.2s", "--", "sh", "-c", asked]);
  strictEqual(stubborn.code, 124);
  match(stubborn.text, /^up\nasked\n/);
});

Deno.test("a command that ends in time keeps its status", async () => {
  strictEqual((await runCommand(["run", "--timeout", "1m", "--", "sh", "-c", "exit 7"])).code, 7);
});

Deno.test("the command has this program's variables and those of --env", async () => {
  const { text } = await runCommand(
    ["run", "-e", "A=1", "--env", "B=x y=z", "--env=C=", "--env=-x=1", "--", "env"],
    { env: { FROM_OUTSIDE: "yes" } },
  );
  const lines = text.split("\n");
  for (const line of ["A=1", "B=x y=z", "C=", "-x=1", "FROM_OUTSIDE=yes"]) ok(lines.includes(line), line);
});

Deno.test("--clear-env leaves only those of --env", async () => {
  const { text } = await runCommand([
    "run",
    "--clear-env",
    "-e",
    "ONLY=\u00fc\n2",
    "--",
    "/usr/bin/env",
    "-0",
  ]);
  strictEqual(text, "ONLY=\u00fc\n2\0");
  strictEqual((await runCommand(["run", "--clear-env", "--", "env"])).text, "");
});

Deno.test("--cwd may be absolute, relative or a URI, with any characters", async () => {
  await using temporary = new TempFolder();
  const folder = temporary.path;
  const odd = `${folder}/a b\u00e4 %41?#`;
  await Deno.mkdir(odd);
  const uri = `file://${folder}/a%20b%C3%A4%20%2541%3F%23`;
  const ways: [cwd: string | undefined, expected: string][] = [
    [undefined, folder],
    [".", folder],
    ["a b\u00e4 %41?#", odd],
    ["./a b\u00e4 %41?#/..", folder],
    [odd, odd],
    [uri, odd],
    ["..", folder.slice(0, folder.lastIndexOf("/"))],
  ];
  for (const [cwd, expected] of ways) {
    const args = ["run", ...(cwd === undefined ? [] : ["--cwd", cwd]), "--", "pwd", "-P"];
    strictEqual((await runCommand(args, { cwd: folder })).text, `${expected}\n`);
  }
});

Deno.test("--json prints every event as a line, and the bytes match", async () => {
  const bytes = randomBytes(300_000);
  const script = 'file=$(mktemp); cat > "$file"; cat "$file"; cat "$file" >&2; rm "$file"; exit 9';
  const { code, text, stderr } = await runCommand(["run", "--json", "--", "sh", "-c", script], {
    stdin: bytes,
  });
  deepStrictEqual([code, stderr], [9, ""]);
  const events = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(Object.keys(events[0]), ["event", "processId"]);
  strictEqual(events[0].event, "started");
  deepStrictEqual(events.slice(1).map(({ seq }) => seq), events.slice(1).map((_, index) => index + 1));
  for (const stream of ["stdout", "stderr"]) {
    const chunks = events.filter((event) => event.event === "output" && event.stream === stream);
    assertSameBytes(concat(chunks.map(({ chunk }) => Uint8Array.fromBase64(chunk))), bytes);
  }
  const exited = events.find(({ event }) => event === "exited");
  deepStrictEqual(exited, { event: "exited", seq: exited.seq, exitCode: 9 });
  deepStrictEqual(events.at(-1), { event: "closed", seq: events.length - 1 });
});

Deno.test("--json tells a failed start too", async () => {
  const { code, text, stderr } = await runCommand(["run", "--json", "--", "no-such-program"]);
  const message = 'Cannot run "no-such-program": No such file or directory';
  deepStrictEqual([code, JSON.parse(text), stderr], [
    127,
    { event: "failed", message },
    `exec-server: ${message}\n`,
  ]);
});

Deno.test("output that cannot be written is told, and the command ended", async () => {
  const { code, text, stderr } = await runScript(`"$@" run -- yes >/dev/full; echo $?`);
  deepStrictEqual([code, text], [0, "125\n"]);
  match(stderr, /^exec-server: Cannot write to stdout: .*\n$/);
});

Deno.test("arguments arrive as they were given", async () => {
  const args = ["a b", "", "$HOME", "*", "\u{1f600}", "new\nline", "'\"\\"];
  const { stdout } = await runCommand(["run", "--", "printf", "%s\\0", ...args]);
  strictEqual(textOf(stdout), args.map((arg) => `${arg}\0`).join(""));
});

Deno.test({
  name: "what lies in the working directory configures nothing",
  // From its sources, Bun has read the files before the program begins.
  ignore: serverRuntime() === "bun",
  async fn() {
    await using folder = new TempFolder();
    await folder.write(".env", "OF_THE_FOLDER=1\n");
    await folder.write("bunfig.toml", "no = [TOML\n");
    const { code, text } = await runCommand(["run", "--", "sh", "-c", "echo .$OF_THE_FOLDER."], {
      cwd: folder.path,
    });
    strictEqual(text, "..\n");
    strictEqual(code, 0);
  },
});
