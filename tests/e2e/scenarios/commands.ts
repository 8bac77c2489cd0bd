/** Shell commands without a terminal. */
import assert from "node:assert/strict";
import { execCommand, writeStdin } from "../mock_model.ts";
import type { Scenario } from "../scenario.ts";
import { sessionId } from "../transcript.ts";
import { killedWithChildren } from "./killed_with_children.ts";

/** Long enough for whatever the command waits for; a command that ends earlier is answered earlier. */
const untilItEnds = { yield_time_ms: 30_000 };
/** As short as the CLI allows. */
const leaveRunning = { yield_time_ms: 250 };

export const commands: Scenario[] = [
  {
    name: "a command that works and one that fails",
    surface: "process",
    script: () => [
      [execCommand("works", "echo hello"), execCommand("fails", "echo broken >&2; exit 3")],
      [execCommand("dies", "kill -TERM $$")],
    ],
    check(run) {
      assert.deepEqual(run.command("works"), { output: "hello\n", exitCode: 0, tokens: [2] });
      assert.deepEqual(run.command("fails"), { output: "broken\n", exitCode: 3, tokens: [2] });
      assert.deepEqual(run.command("dies"), { output: "", exitCode: 143, tokens: [0] });
      assert.match(run.stderr, /succeeded in \d+ms:\nhello\n/);
      assert.match(run.stderr, /exited 3 in \d+ms:\nbroken\n/);
    },
  },
  {
    name: "a command's environment and standard streams",
    surface: "process",
    script: () => [[
      execCommand("environment", "printenv TERM PAGER GIT_PAGER NO_COLOR LC_ALL CODEX_CI; umask"),
      execCommand("streams", "cat; tty; echo again >/dev/stdout"),
      execCommand("errors", "echo again >/dev/stderr"),
      // A character that arrives in two pieces, and bytes that are none.
      execCommand("bytes", String.raw`printf '\303'; sleep 0.1; printf '\251 \377\376 a\000b'`),
    ]],
    check(run) {
      assert.match(run.command("environment").output, /^dumb\ncat\ncat\n1\nC\.UTF-8\n1\n0\d{3}\n$/);
      assert.equal(run.command("streams").output, "not a tty\nagain\n");
      assert.equal(run.command("errors").output, "again\n");
      assert.equal(run.command("bytes").output, "é \ufffd\ufffd a\0b");
    },
  },
  {
    name: "30 MB of output, with nothing lost",
    surface: "process",
    alone: true,
    script: () => [
      [execCommand("flood", "head -c 30000000 /dev/zero | tr '\\0' x; echo; echo end", untilItEnds)],
      [execCommand("after", "echo still here")],
    ],
    check(run) {
      const { output, exitCode, tokens } = run.command("flood");
      assert.equal(exitCode, 0);
      assert.deepEqual(tokens, [Math.ceil(30_000_005 / 4)]);
      assert.match(output, /x\nend\n$/);
      assert.equal(run.command("after").output, "still here\n");
    },
    exception: {
      reason:
        "The original cuts output so small that the CLI often falls more than 256 events behind; it then reads " +
        "what is retained, 1 MiB, and what is not is missing without a word",
      tells: "something else",
      check(run) {
        const { output, exitCode, tokens } = run.command("flood");
        assert.equal(exitCode, 0);
        assert.ok(tokens[0]! <= Math.ceil(30_000_005 / 4));
        assert.match(output, /x\nend\n$/);
      },
    },
  },
  {
    name: "Ctrl-C ends a command, and other keys are refused",
    surface: "process",
    script: ({ gate }) => [
      [execCommand("wait", `${gate.opening}; echo waiting; echo here >&3; exec sleep 1000`, leaveRunning)],
      async (request) => {
        assert.equal(await gate.line(), "here");
        return [writeStdin("keys", sessionId(request.output("wait")), "keys\n")];
      },
      (request) => [writeStdin("interrupt", sessionId(request.output("wait")), "\x03", untilItEnds)],
    ],
    async check(run, { gate }) {
      assert.match(run.output("keys"), /stdin is closed for this session/);
      assert.equal(run.command("interrupt").exitCode, 130);
      assert.equal(run.command("interrupt").output, "waiting\n");
      await gate.closed();
    },
  },
  {
    name: "a command that runs on is left alone and answers later",
    surface: "process",
    script: ({ gate }) => [
      [execCommand("slow", `${gate.opening}; echo one; read -r go <&3; echo two; exit 4`, leaveRunning)],
      (request) => {
        sessionId(request.output("slow"));
        return [execCommand("meanwhile", "echo meanwhile")];
      },
      async (request) => {
        await gate.send("go");
        return [writeStdin("look", sessionId(request.output("slow")), "", untilItEnds)];
      },
    ],
    check(run) {
      assert.equal(run.command("meanwhile").output, "meanwhile\n");
      assert.equal(run.command("slow").output, "one\ntwo\n");
      assert.equal(run.command("slow").exitCode, 4);
    },
  },
  killedWithChildren(
    "a command that runs when the turn ends is killed with its children",
    "process",
    leaveRunning,
  ),
  {
    name: "directories with blanks and letters beyond ASCII",
    surface: "process",
    workingDirectory: "my work/für %41 你好",
    script: ({ directory }) => [
      [execCommand("here", "pwd; mkdir 'not a 😀#?'")],
      [
        execCommand("below", "pwd", { workdir: "not a 😀#?" }),
        execCommand("above", "pwd", { workdir: `${directory}/my work` }),
      ],
    ],
    check(run, { directory }) {
      const here = `${directory}/my work/für %41 你好`;
      assert.equal(run.command("here").output, `${here}\n`);
      assert.equal(run.command("below").output, `${here}/not a 😀#?\n`);
      assert.equal(run.command("above").output, `${directory}/my work\n`);
    },
  },
  {
    name: "a missing directory fails the command, not the turn",
    surface: "process",
    ownWording: /(?<=exec-server rejected request \(-32603\): ).*?(?=\\"\)" \})/gs,
    script: () => [
      [execCommand("lost", "pwd", { workdir: "no/such/directory" })],
      [execCommand("after", "echo still here")],
    ],
    check(run) {
      assert.match(run.output("lost"), /^exec_command failed: .*exec-server rejected request \(-32603\)/);
      assert.equal(run.command("after").output, "still here\n");
    },
  },
];
