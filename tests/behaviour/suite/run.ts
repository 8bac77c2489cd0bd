import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import type { RunOptions } from "../../../src/machine/run/run_options.ts";
import { gone } from "../../support/backend_process.ts";
import { fails } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

const wrong = (options: object) => options as RunOptions;

/** Commands that are run to their end. */
export const runBehaviours: MachineBehaviours = {
  "a text is run by the shell, and a status that is not 0 is a result": async ({ machine }) => {
    same(await machine.run("echo $((6 * 7)); echo err >&2; exit 3"), {
      stdout: "42\n",
      stderr: "err\n",
      exitCode: 3,
      signal: null,
      timedOut: false,
      truncated: false,
    });
  },
  "an array is a program and its arguments": async ({ machine, folder }) => {
    const { stdout } = await machine.run(["printf", "%s|", "a b", "$HOME", "*"], { cwd: folder });
    is(stdout, "a b|$HOME|*|");
  },
  "a command has a directory and variables": async ({ machine, folder }) => {
    const { stdout } = await machine.run('pwd; echo "$MARK"', { cwd: folder, env: { MARK: "ä=b" } });
    is(stdout, `${folder}\nä=b\n`);
  },
  "a command reads what it is given, and no more": async ({ machine }) => {
    is((await machine.run("cat", { input: "grüße\n" })).stdout, "grüße\n");
    is((await machine.run(["wc", "-c"], { input: new Uint8Array(300_000) })).stdout.trim(), "300000");
    is(await machine.run("cat").text(), "");
    is((await machine.run("true", { input: "x".repeat(1_000_000) })).exitCode, 0);
  },
  "a command reads a stream": async ({ machine }) => {
    async function* parts() {
      yield "one ";
      yield new TextEncoder().encode("two");
    }
    is(await machine.run(["tr", "a-z", "A-Z"], { input: parts() }).text(), "ONE TWO");
  },
  "output is text or JSON where that is asked for": async ({ machine }) => {
    is(await machine.run("echo text").text(), "text\n");
    same(await machine.run(`echo '{ "a": [1] }'`).json(), { a: [1] });
    await rejects(machine.run("echo no; echo why >&2; exit 4").json(), {
      name: "SyntaxError",
      message: /ended with 4: echo no[^]*why/,
    });
  },
  "lines come one by one, without their ends": async ({ machine }) => {
    const lines: string[] = [];
    const command = machine.run("printf 'a\\r\\nb\\n\\nlast'; exit 2");
    for await (const line of command.lines()) lines.push(line);
    same(lines, ["a", "b", "", "last"]);
    is((await command).exitCode, 2);
  },
  "a command ends with the loop over its lines": async ({ machine }) => {
    let pid = 0;
    for await (const line of machine.run("echo $$; exec yes").lines()) {
      if (pid === 0) pid = Number(line);
      else break;
    }
    await gone(pid);
  },
  "a command waits for whoever reads its lines, and loses none": async ({ machine }) => {
    let count = 0;
    for await (const line of machine.run("seq 1000000").lines()) {
      if (++count !== Number(line)) throw new Error(`Line ${count} is ${line}`);
      if (count % 250_000 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    is(count, 1_000_000);
  },
  "a failure is an error where that is asked for": async ({ machine }) => {
    const throwOnError = true;
    const expected = { name: "CommandError", code: "EEXIT", exitCode: 3, stdout: "out\n", stderr: "err\n" };
    const command = "echo out; echo err >&2; exit 3";
    await rejects(Promise.resolve(machine.run(command, { throwOnError })), expected);
    await rejects(machine.run(command, { throwOnError }).text(), expected);
    await rejects(async () => {
      for await (const line of machine.run(command, { throwOnError }).lines()) is(line, "out");
    }, { ...expected, stdout: "" });
    is((await machine.run("true", { throwOnError })).exitCode, 0);
  },
  "time that is up kills a command and all it started": async ({ machine, folder }) => {
    const command = "sleep 1000 & echo $! > pid; wait";
    const { timedOut, exitCode } = await machine.run(command, { cwd: folder, timeoutMs: 1_000 });
    same([timedOut, exitCode], [true, 137]);
    await gone(Number(readFileSync(`${folder}/pid`, "utf8")));
    await rejects(
      Promise.resolve(machine.run("sleep 1000", { timeoutMs: 1, throwOnError: true })),
      (error) => {
        // Where even the start took longer, there is no result to tell.
        match((error as Error).name, /^(CommandError|TimeoutError)$/);
        is((error as { code?: string }).code, "ETIMEDOUT");
        return true;
      },
    );
  },
  "a job that holds the output is killed in time, too": async ({ machine }) => {
    const { timedOut } = await machine.run("sleep 1000 &", { timeoutMs: 300 });
    is(timedOut, true);
  },
  "an aborted command is killed, and fails with the reason": async ({ machine, folder }) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const command = machine.run("echo $$ > pid; echo up; exec sleep 1000", {
      cwd: folder,
      signal: controller.signal,
      onStdout: () => controller.abort(reason),
    });
    await rejects(Promise.resolve(command), reason);
    await gone(Number(readFileSync(`${folder}/pid`, "utf8")));
    await rejects(Promise.resolve(machine.run("true", { signal: AbortSignal.abort(reason) })), reason);
  },
  "the signal that ended a command is told": async ({ machine }) => {
    const { signal, exitCode } = await machine.run("kill -TERM $$");
    same([signal, exitCode], ["SIGTERM", 143]);
    is((await machine.run("exit 143")).signal, null);
  },
  "more output than is kept is left out": async ({ machine }) => {
    const { stdout, truncated } = await machine.run("printf 'aä'; head -c 5000000 /dev/zero", {
      maxBytes: 2,
    });
    same([stdout, truncated], ["a", true]);
  },
  "a listener hears what comes, and holds the command up": async ({ machine }) => {
    let [out, error] = ["", ""];
    const { stdout } = await machine.run("printf grü; printf ße; printf err >&2", {
      onStdout: async (text) => {
        await new Promise((resolve) => setTimeout(resolve));
        out += text;
      },
      onStderr: (text) => void (error += text),
    });
    same([stdout, out, error], ["grüße", "grüße", "err"]);
    await rejects(
      Promise.resolve(machine.run("yes", { onStdout: () => Promise.reject(new Error("mine")) })),
      /mine/,
    );
  },
  "what is not there is not found": async ({ machine, folder }) => {
    await fails(machine.run(["no-such-program"]), "ENOENT", /no-such-program|No such file/);
    await fails(machine.run("true", { cwd: `${folder}/none` }), "ENOENT");
    await fails(machine.run(["/etc/passwd"]), "EACCES");
  },
  "a command or an option of the wrong kind is refused by its name": async ({ machine }) => {
    for (
      const [command, options, message] of [
        [7, {}, /run takes the command first/],
        [{ argv: ["ls"] }, {}, /run takes the command first/],
        ["", {}, /must not be empty/],
        [["ls", 7], {}, /argv must be an array of strings/],
        ["ls", { timeout: 5 }, /run has no option "timeout"; did you mean timeoutMs\?$/],
        ["ls", { stdin: "x" }, /did you mean input\?$/],
        ["ls", { argv: "ls" }, /run has no option "argv"/],
        ["ls", { timeoutMs: "5" }, /its option timeoutMs as a number of milliseconds, not "5"/],
        ["ls", { cwd: 7 }, /its option cwd as a string, not 7/],
        ["ls", { input: 7 }, /its option input as text/],
        ["ls", { user: "-x" }, /its option user/],
        ["ls", { onStdout: "x" }, /its option onStdout as a function/],
        ["ls", 5, /run takes its options as an object, not 5/],
      ] as const
    ) {
      const run = () => machine.run(command as unknown as string, wrong(options as object));
      await rejects(Promise.resolve(run()), (error: Error) => {
        is(error.name, "TypeError", `${error}`);
        match(error.message, message);
        return true;
      });
    }
  },
  "a command is run as another user by who may": async ({ machine }) => {
    const self = await machine.run("id -un").text();
    is(await machine.run("id -un", { user: self.trim() }).text(), self);
    if (userInfo().uid !== 0) return;
    const command = ["sh", "-c", 'id -un; printf "%s\\n" "$MARK" "$@"', "sh", "-c", "a  b"];
    const { stdout } = await machine.run(command, { user: "nobody", env: { MARK: "it's" }, cwd: "/" });
    is(stdout, "nobody\nit's\n-c\na  b\n");
  },
  "a process tells its number and how it ended": async ({ machine }) => {
    await using process = await machine.start({ argv: ["sh", "-c", "echo $$; exec sleep 1000"] });
    ok(process.pid! > 1);
    for await (const event of process.events()) {
      if (event.kind !== "output") continue;
      is(new TextDecoder().decode(event.bytes), `${process.pid}\n`);
      break;
    }
    await process.terminate();
    same(await process.wait(), { exitCode: 137, signal: "SIGKILL" });
    is(process.signalName, "SIGKILL");
  },
  "a process tells what its terminal shows": async ({ machine }) => {
    await using process = await machine.start({
      argv: ["sh", "-c", "printf 'one\\033[2;5Htwo'"],
      tty: true,
      lossless: false,
    });
    await process.wait();
    const { lines } = await process.screen() as { lines: readonly string[] };
    same(lines.slice(0, 2), ["one", "    two"]);
  },
};
