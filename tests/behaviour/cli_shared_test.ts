/** The commands about a server's processes, as people use them: in a shell, in pipes, with their exit statuses. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { type CommandOutcome, runCommand, RunningCommand, runScript } from "../support/command.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";

let server: ServerProcess;
let env: Record<string, string>;

Deno.test.beforeAll(async () => {
  server = await startServer({ args: ["--log-level", "off"] });
  env = { EXEC_SERVER_URL: server.url };
});

Deno.test.afterAll(async () => void await server.stop());

const command = (...args: string[]): Promise<CommandOutcome> => runCommand(args, { env });

async function prints(args: string[], text: string | RegExp): Promise<void> {
  const { code, text: stdout, stderr } = await command(...args);
  is(code, 0, stderr);
  if (typeof text === "string") is(stdout, text);
  else match(stdout, text);
}

/** Waits until a process has put out a text. */
async function logged(name: string, text: string): Promise<void> {
  await using running = new RunningCommand(["logs", "-f", name], { env });
  await running.until(new RegExp(text));
}

Deno.test("a command that is left runs on under its name, is listed, read, waited for and ended", async () => {
  await prints(
    [
      "run",
      "-d",
      "-i",
      "--name",
      "job",
      "--",
      "sh",
      "-c",
      "echo one; echo two >&2; echo three; exec sleep 1000",
    ],
    "job\n",
  );
  await logged("job", "three");
  await prints(["ps"], /^HANDLE +NAME +STATUS[^\n]*\n[0-9a-f]{8} +job +running +\d+s +- +owner +sh -c/);
  const [listed] = (await command("ps", "--json")).text.trim().split("\n").map((line) => JSON.parse(line));
  same([listed.name, listed.lifetime, listed.owner], ["job", "server", null]);

  const whole = await command("logs", "job");
  same([whole.text, whole.stderr], ["one\nthree\n", "two\n"]);
  await prints(["logs", "--stream", "stdout", "--tail", "1", listed.handle], "three\n");
  await prints(["logs", "--stream=stderr", listed.handle.slice(0, 6)], "");
  same((await command("logs", "--tail", "2", "job")).text, "three\n");
  is((await runScript(`"$@" logs job | head -1`, { env })).text, "one\n");

  const waiting = command("wait", "job");
  await prints(["kill", "-s", "TERM", "job"], "job\n");
  is((await waiting).code, 128 + 15);
  is((await command("wait", "job")).code, 128 + 15);
  await prints(["ps"], /^HANDLE[^\n]*\n$/);
  await prints(["ps", "-a"], /job +exited 143 /);
});

Deno.test("output is asked for by the time when it came, ago or by the clock", async () => {
  const script = "echo old; read x; echo new; read x";
  await prints(["run", "-d", "-i", "--name", "timed", "--", "sh", "-c", script], "timed\n");
  await logged("timed", "old");
  // Nothing new comes before it is asked for, so that the time lies between both.
  await untilTicked();
  const between = new Date().toISOString();
  is((await runScript(`echo | "$@" attach timed`, { env })).code, 1, "its second read finds the end");
  await logged("timed", "new");
  await prints(["logs", "--since", between, "timed"], "new\n");
  await prints(["logs", "--since", "1h", "timed"], "old\nnew\n");
  await prints(["logs", "--since", "1h", "--tail", "1", "timed"], "new\n");
  await prints(["logs", "--since", "2200-01-01", "timed"], "");
  const times = [...(await command("logs", "-t", "timed")).text.matchAll(/^(\S+Z) (?:old|new)\n/gm)];
  is(times.length, 2, "each line has its time");
  is(times[0]![1]! < between && between <= times[1]![1]!, true);
  await prints(["logs", "-t", "--tail", "1", "timed"], `${times[1]![1]} new\n`);
  const refused = await command("logs", "--since", "soon", "timed");
  is(refused.code, 2);
  match(refused.stderr, /--since takes the number of an event, or a time such as 10m/);
});

/** Waits until the clock shows another millisecond. */
async function untilTicked(): Promise<void> {
  for (const now = Date.now(); Date.now() <= now + 1;) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("who follows a log sees it grow, and ends with it", async () => {
  const { text } = await command("run", "-d", "--", "sh", "-c", "echo begun; read x; exit 3");
  const handle = text.trim();
  match(handle, /^[0-9a-f-]{36}$/);
  const followed = await command("logs", "-f", handle);
  same([followed.code, followed.text], [0, "begun\n"]);
  const timed = await command("logs", "-f", "-t", handle);
  is(timed.code, 0);
  match(timed.text, /^\S+Z begun\n$/);
  is((await command("wait", handle)).code, 3, "without -i there is no input to wait for");
});

Deno.test("processes are ended with all they started, several at once, and what is not there is told", async () => {
  for (const name of ["a", "b"]) {
    await prints(["run", "-d", "--name", name, "--", "sleep", "1000"], `${name}\n`);
  }
  const { code, text, stderr } = await command("kill", "a", "nothing", "b");
  same([code, text, stderr], [1, "a\nb\n", 'exec-server: no process has the name or the handle "nothing"\n']);
  is((await command("wait", "b")).code, 128 + 9);
});

Deno.test("a screen is printed as a person would see it", async () => {
  const script = "printf 'plain \\033[31mred\\033[m\\nlast'; exec sleep 1000";
  await prints(["run", "-dt", "--name", "drawn", "--", "sh", "-c", script], "drawn\n");
  await logged("drawn", "last");
  await prints(["screen", "drawn"], "plain red\nlast\n");
  // deno-lint-ignore no-control-regex -- what is printed
  await prints(["screen", "--ansi", "drawn"], /plain \x1b\[0;31mred/);
  await prints(["kill", "drawn"], "drawn\n");
});

Deno.test("a list that is watched is printed again when something has changed", async () => {
  await using watching = new RunningCommand(["ps", "--watch", "--json", "-a"], { env });
  await prints(["run", "-d", "--name", "seen", "--", "true"], "seen\n");
  await watching.until(/"name":"seen"[^\n]*"exited":true/);
});

Deno.test("a command is found by no server, a wrong one, and a prefix of several, with a word of what to do", async () => {
  const without = await runCommand(["ps"], { env: { EXEC_SERVER_URL: "", CODEX_HOME: "/nonexistent" } });
  is(without.code, 2);
  match(without.stderr, /name it by --url, --environment, --on or EXEC_SERVER_URL/);
  const { code, stderr } = await runCommand(["ps"], { env: { EXEC_SERVER_URL: "http://h" } });
  is(code, 2);
  match(stderr, /^exec-server: EXEC_SERVER_URL takes ws:/);
  for (
    const [args, line] of [
      [["logs"], /"logs" needs a process/],
      [["wait", "a", "b"], /takes one process, not also "b"/],
      [["kill"], /needs processes/],
      [["kill", "-s", "NONE", "x"], /--signal takes HUP, INT/],
      [["logs", "--stream", "pty", "x"], /--stream takes stdout or stderr/],
      [["run", "-d", "--json", "--", "true"], /choose one/],
    ] as const
  ) {
    const outcome = await command(...args);
    is(outcome.code, 2, outcome.stderr);
    match(outcome.stderr, line);
  }
  const local = await runCommand(["run", "-d", "--environment", "local", "--", "true"], { env });
  match(local.stderr, /-d needs a server that goes on/);
});

Deno.test("variables come from a file, and a token from the environment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/env`, "# words\nA=1 = one\n\nB=\n");
    await prints([
      "run",
      "--env-file",
      `${folder}/env`,
      "-eC=3",
      "-w",
      "/",
      "--",
      "sh",
      "-c",
      "echo $A,$B,$C,$PWD",
    ], "1 = one,,3,/\n");
    await Deno.writeTextFile(`${folder}/bad`, "A=1\nB\n");
    match(
      (await command("run", "--env-file", `${folder}/bad`, "--", "true")).stderr,
      /line 2 of .* is not K=V/,
    );
    const token = "t".repeat(40);
    await Deno.writeTextFile(`${folder}/token`, token);
    await using guarded = await startServer({
      args: ["--ws-auth", "capability-token", "--ws-token-file", `${folder}/token`],
    });
    const ways: Record<string, string>[] = [{ EXEC_SERVER_TOKEN: token }, {
      EXEC_SERVER_TOKEN_FILE: `${folder}/token`,
    }];
    for (const shown of ways) {
      const { code, stderr } = await runCommand(["ps"], { env: { EXEC_SERVER_URL: guarded.url, ...shown } });
      is(code, 0, stderr);
    }
    const refused = await runCommand(["ps"], { env: { EXEC_SERVER_URL: guarded.url } });
    ok(refused.code === 125 && refused.stderr !== "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
