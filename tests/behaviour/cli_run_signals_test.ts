import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { serverCommand } from "../support/server_process.ts";
import { gone, isAlive, RunningCommand, runScript } from "../support/command.ts";

/** A run of a shell script that first tells its pid. */
async function start(script: string): Promise<{ command: RunningCommand; pid: number }> {
  const command = new RunningCommand(["run", "--", "sh", "-c", `echo pid $$; ${script}`]);
  const [, pid] = await command.until(/pid (\d+)\n/);
  return { command, pid: Number(pid) };
}

/** A run of `yes` whose output nobody reads. */
async function unread(...flags: string[]) {
  const [program, ...first] = serverCommand();
  const command = new Deno.Command(program!, {
    args: [...first, "run", ...flags, "--", "sh", "-c", "echo $$ >&2; exec yes"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { value } = await command.stderr.pipeThrough(new TextDecoderStream()).getReader().read();
  return { command, pid: Number(value) };
}

/** Stops waiting for its output, and waits for its end; one that does not end fails the test instead of holding it up. */
async function leave(command: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => command.kill("SIGKILL"), 30_000);
  try {
    await command.stdout.cancel();
    const { signal } = await command.status;
    ok(signal !== "SIGKILL", "run has not ended by itself");
  } finally {
    clearTimeout(timer);
  }
}

/** A number once it has stopped growing. */
async function settled(measure: () => number): Promise<number> {
  for (let last = -1, same = 0;;) {
    const now = measure();
    same = now === last ? same + 1 : 0;
    if (same === 5) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`))?.[1]);
}

function peakBytes(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

const forEver = "while :; do sleep 0.02; done";

Deno.test("Ctrl-C is passed on, once, and the command decides", async () => {
  const { command, pid } = await start(`trap 'echo got it; exit 7' INT; echo up; ${forEver}`);
  await using _ = command;
  await command.until(/up\n/);
  command.kill("SIGINT");
  strictEqual((await command.ended()).code, 7);
  strictEqual(command.text().match(/got it/g)?.length, 1);
  ok(!isAlive(pid));
});

Deno.test("a command that does not care dies of Ctrl-C", async () => {
  const { command } = await start("exec sleep 1000");
  await using _ = command;
  command.kill("SIGINT");
  strictEqual((await command.ended()).code, 130);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`a second ${signal} kills a command that wants to live`, async () => {
    const { command, pid } = await start(`trap 'echo got it' ${signal.slice(3)}; echo up; ${forEver}`);
    await using _ = command;
    await command.until(/up\n/);
    command.kill(signal);
    await command.until(/got it\n/);
    ok(isAlive(pid));
    command.kill(signal);
    strictEqual((await command.ended()).code, 137);
    ok(!isAlive(pid));
  });
}

for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const) {
  Deno.test(`${signal} is passed on`, async () => {
    const { command } = await start(`trap 'echo got it; exit 8' ${signal.slice(3)}; echo up; ${forEver}`);
    await using _ = command;
    await command.until(/up\n/);
    command.kill(signal);
    strictEqual((await command.ended()).code, 8);
    match(command.text(), /got it\n/);
  });
}

Deno.test("a program may do as it likes with a hangup, time and again", async () => {
  const { command } = await start(`n=0; trap 'n=$((n+1)); echo $n' HUP; echo up; ${forEver}`);
  await using _ = command;
  await command.until(/up\n/);
  for (const count of [1, 2, 3]) {
    command.kill("SIGHUP");
    await command.until(new RegExp(`^${count}$`, "m"));
  }
  command.kill("SIGINT");
  strictEqual((await command.ended()).code, 130);
});

Deno.test("under nohup a hangup reaches nobody", async () => {
  const { code, text } = await runScript(`
    trap '' HUP
    coproc "$@" run -- sh -c 'trap "exit 1" HUP; echo up; read line; exit 5'
    run=$COPROC_PID
    read -r line <&"\${COPROC[0]}"
    kill -HUP "$run"
    echo go >&"\${COPROC[1]}"
    wait "$run"
    echo "$line $?"
  `);
  deepStrictEqual([code, text], [0, "up 5\n"]);
});

Deno.test("an endless command ends when nobody reads its output", async () => {
  const { code, text } = await runScript(
    `
    "$@" run -- sh -c 'echo $$ >&2; exec yes' 2>pid.$$ | head -n 1
    echo "\${PIPESTATUS[0]}"
    pid=$(cat pid.$$); rm pid.$$
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  `,
    { cwd: await Deno.realPath("/tmp") },
  );
  deepStrictEqual([code, text], [0, "y\n141\n"]);
});

Deno.test("nobody to read stderr ends a command too", async () => {
  const { text } = await runScript(`"$@" run -- sh -c 'exec yes >&2' 2> >(head -n 1 >/dev/null); echo $?`);
  strictEqual(text, "141\n");
});

Deno.test("a reader that stops costs little memory, and holds up no signal", async () => {
  const { command, pid } = await unread();
  try {
    const written = await settled(() => writtenBytes(pid));
    ok(written < 32e6, `yes has written ${written} bytes`);
    const memory = peakBytes(command.pid);
    ok(memory < 300e6, `run has taken ${memory} bytes`);
    command.kill("SIGTERM");
    await gone(pid);
  } finally {
    await leave(command);
  }
});

Deno.test("a third Ctrl-C ends it, whatever it is waiting for", async () => {
  const { command, pid } = await unread();
  await settled(() => writtenBytes(pid));
  command.kill("SIGINT");
  await gone(pid);
  // Signals that come too quickly count as one.
  const limit = setTimeout(() => command.kill("SIGKILL"), 30_000);
  const again = setInterval(() => {
    try {
      Deno.kill(command.pid, "SIGINT");
    } catch {
      // It has ended.
    }
  }, 20);
  try {
    strictEqual((await command.status).code, 130);
  } finally {
    clearInterval(again);
    clearTimeout(limit);
  }
  await command.stdout.cancel();
});

Deno.test("a reader that stops holds up no time limit", async () => {
  const { command, pid } = await unread("--timeout", "300ms");
  try {
    await gone(pid);
  } finally {
    await leave(command);
  }
});

Deno.test("a slow reader loses nothing", async () => {
  const { code, text } = await runScript(
    `"$@" run -- seq 1 2000000 | (sleep 0.5; cat) | cmp - <(seq 1 2000000); echo $?`,
  );
  deepStrictEqual([code, text], [0, "0\n"]);
});
