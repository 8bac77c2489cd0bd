/** Commands on a terminal. */
import assert from "node:assert/strict";
import { execCommand, writeStdin } from "../mock_model.ts";
import type { Scenario } from "../scenario.ts";
import { sessionId } from "../transcript.ts";
import { killedWithChildren } from "./killed_with_children.ts";

const untilItEnds = { yield_time_ms: 30_000 };
const onTerminal = { tty: true, yield_time_ms: 250 };

export const terminals: Scenario[] = [
  {
    name: "what a command finds on its terminal",
    surface: "tty",
    script: () => [[
      execCommand(
        "facts",
        "stty size; test -t 0 -a -t 1 -a -t 2 && echo terminal; echo $TERM; " +
          "(: </dev/tty) && echo controlling",
        { tty: true, ...untilItEnds },
      ),
    ]],
    check(run) {
      assert.equal(run.command("facts").output, "24 80\r\nterminal\r\ndumb\r\ncontrolling\r\n");
      assert.equal(run.command("facts").exitCode, 0);
    },
  },
  {
    name: "a program on a terminal reads what is typed, and Ctrl-D ends its input",
    surface: "tty",
    script: ({ gate }) => [
      [
        execCommand(
          "read",
          `${gate.opening}; while read -r line; do echo "got $line"; echo "$line" >&3; done; echo ended`,
          onTerminal,
        ),
      ],
      (request) => [writeStdin("type", sessionId(request.output("read")), "hello\n", { yield_time_ms: 250 })],
      async (request) => {
        assert.equal(await gate.line(), "hello");
        return [writeStdin("more", sessionId(request.output("read")), "grüße\n", { yield_time_ms: 250 })];
      },
      async (request) => {
        assert.equal(await gate.line(), "grüße");
        return [writeStdin("end", sessionId(request.output("read")), "\x04", untilItEnds)];
      },
    ],
    check(run) {
      assert.equal(run.command("end").output, "hello\r\ngot hello\r\ngrüße\r\ngot grüße\r\nended\r\n");
      assert.equal(run.command("end").exitCode, 0);
    },
  },
  {
    name: "Ctrl-C on a terminal reaches the program",
    surface: "tty",
    script: ({ gate }) => [
      [
        execCommand(
          "trap",
          `trap 'echo caught; exit 7' INT; ${gate.opening}; echo here >&3; read -r line`,
          onTerminal,
        ),
      ],
      async (request) => {
        assert.equal(await gate.line(), "here");
        return [writeStdin("interrupt", sessionId(request.output("trap")), "\x03", untilItEnds)];
      },
    ],
    check(run) {
      assert.equal(run.command("interrupt").output, "^Ccaught\r\n");
      assert.equal(run.command("interrupt").exitCode, 7);
    },
  },
  {
    name: "Ctrl-C on a terminal ends a program that does not catch it",
    surface: "tty",
    script: ({ gate }) => [
      [execCommand("sleep", `${gate.opening}; echo here >&3; exec sleep 1000`, onTerminal)],
      async (request) => {
        assert.equal(await gate.line(), "here");
        return [writeStdin("interrupt", sessionId(request.output("sleep")), "\x03", untilItEnds)];
      },
    ],
    check(run) {
      assert.equal(run.command("interrupt").exitCode, 130);
      assert.equal(run.command("interrupt").output, "^C");
    },
    exception: {
      reason: "The original reports every death by signal on a terminal as exit code 1",
      tells: "something else",
      check(run) {
        assert.equal(run.command("interrupt").exitCode, 1);
        assert.equal(run.command("interrupt").output, "^C");
      },
    },
  },
  killedWithChildren(
    "a program on a terminal that runs when the turn ends is killed with its children",
    "tty",
    onTerminal,
  ),
];
