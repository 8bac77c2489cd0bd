/** What `run` takes from its caller, and what it says of output that it cannot write. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { concat } from "@std/bytes/concat";
import { decodeBase64 } from "../../src/protocol/base64.ts";
import { runCommand, RunningCommand, runScript } from "../support/command.ts";
import { listenScripted } from "../support/listen_scripted.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { serverRuntime } from "../support/server_process.ts";

Deno.test("with -n a command has no input, and the caller keeps its own", async () => {
  for (const flag of ["-n", "--no-stdin"]) {
    const { text } = await runScript(
      `printf 'a\\nb\\nc\\n' | while read x; do "$@" run ${flag} -- sh -c "cat; echo got $x"; done`,
    );
    is(text, "got a\ngot b\ngot c\n");
  }
  const { code, stderr } = await runCommand(["run", "-n", "-t", "--", "true"]);
  same([code, stderr], [
    2,
    "exec-server: -t passes on the keys of a terminal and -n reads nothing: choose one\n",
  ]);
});

Deno.test("without -n what stands on standard input is taken every time", async () => {
  for (let i = 0; i < 3; i++) {
    const { text } = await runScript(
      `printf 'a\\nb\\nc\\n' | while read x; do "$@" run -- echo got $x; done`,
    );
    is(text, "got a\n");
  }
});

Deno.test("with --json the end of a command's time is an event", async () => {
  const { code, text } = await runCommand(["run", "--json", "--timeout", "200ms", "--", "sleep", "60"]);
  is(code, 124);
  const events = text.trim().split("\n").map((line) => JSON.parse(line));
  same(events.map(({ event }) => event), ["started", "timeout", "exited", "closed"]);
  same(events[1], { event: "timeout", timeoutMs: 200 });
});

Deno.test("an argument that is not UTF-8 is refused, and one with a replacement character is not", async () => {
  for (const args of [`run -- echo $'a\\351b'`, `run -e $'A=\\351' -- true`, `run --cwd $'/\\351' -- true`]) {
    const { code, text, stderr } = await runScript(`"$@" ${args}`);
    same([code, text], [2, ""]);
    match(stderr, /^exec-server: The argument ".*" is not UTF-8 text, and the protocol carries no other/);
  }
  const { text } = await runScript(`"$@" run -- echo $'a\\357\\277\\275b'`);
  is(text, "a\ufffdb\n");
});

Deno.test("~ in --cwd is the home directory of the server's user", async () => {
  const home = { env: { HOME: "/usr" } };
  is((await runCommand(["run", "--cwd=~", "--", "pwd"], home)).text, "/usr\n");
  is((await runCommand(["run", "--cwd=~/bin", "--", "pwd"], home)).text, "/usr/bin\n");
});

Deno.test("output that cannot be written is no success", async () => {
  for (const args of ["run -- echo out", "--help", "--version", "completions bash", "man", "doctor"]) {
    const { code, stderr } = await runScript(`"$@" ${args} > /dev/full`);
    is(code, 125, args);
    match(stderr, /^exec-server: Cannot write to stdout: .*no space left on device.*\n$/i);
  }
  is((await runScript(`"$@" no-such-command 2> /dev/full`)).code, 2);
});

Deno.test({
  name: "a closed standard output is no success once something is written to it",
  // Nothing tells it from a /dev/null that is opened for reading too.
  ignore: serverRuntime() === "deno",
  fn: async () => {
    is((await runScript('"$@" run -- true >&-')).code, 0);
    for (const args of ["run -- echo out", "run --json -- true", "--help"]) {
      const { code, stderr } = await runScript(`"$@" ${args} >&-`);
      is(code, 125, args);
      match(stderr, /^exec-server: Cannot write to stdout: Bad file descriptor.*\n$/);
    }
  },
});

Deno.test("input goes ahead of its answers, in order, where the server keeps it", async () => {
  const scripted = new ScriptedServer();
  Object.assign(scripted.capabilities, { processWriteOrder: true, processCloseStdin: true });
  await using server = await listenScripted(scripted);
  await using command = new RunningCommand(["run", "--url", server.url, "--", "cat"]);
  const input = Uint8Array.from({ length: 1024 * 1024 }, (_, i) => i * 7 + (i >> 8));
  const written = command.write(input);
  await scripted.request("process/write", 3); // Not one of them was answered yet.
  const { connection } = scripted;
  scripted.answers["process/write"] = () => ({ result: { status: "accepted" } });
  scripted.answers["process/closeStdin"] = ({ params: { processId } }) => {
    connection.event("exited", 1, { processId });
    connection.event("closed", 2, { processId });
    return { result: { status: "accepted" } };
  };
  for (const { id, method } of [...connection.received]) {
    if (method === "process/write") connection.push({ id, result: { status: "accepted" } });
  }
  await written;
  await command.closeStdin();
  is((await command.ended()).code, 0);
  const chunks = connection.received.filter(({ method }) => method === "process/write").map(({ params }) =>
    decodeBase64(params.chunk)
  );
  ok(concat(chunks).every((byte, at) => byte === input[at]));
  is(concat(chunks).length, input.length);
});
