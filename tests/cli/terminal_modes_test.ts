import { strictEqual as is } from "node:assert/strict";
import { TerminalModes } from "../../src/cli/terminal_modes.ts";

const encoder = new TextEncoder();

for (
  const [what, output, undo] of [
    ["plain text", "hello\r\n", ""],
    [
      "a full-screen program",
      "\x1b[?1049h\x1b[?1003;1006h\x1b[?25l",
      "\x1b[?25h\x1b[?1006l\x1b[?1003l\x1b[?1049l",
    ],
    ["one that cleans up", "\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l", ""],
    ["colours", "\x1b[1;31mred", "\x1b[m"],
    ["colours that are reset", "\x1b[1;31mred\x1b[0m", ""],
    ["no wrapping", "\x1b[?7l", "\x1b[?7h"],
    ["application keys", "\x1b[?1h\x1b=", "\x1b>\x1b[?1l"],
    ["a scroll region", "\x1b[2;10r", "\x1b7\x1b[r\x1b8"],
    ["line drawing", "\x1b(0lqk", "\x1b(B"],
    ["keyboards of another kind", "\x1b[>1u\x1b[>5u\x1b[<u\x1b[>4;2m", "\x1b[>4m\x1b[<u"],
    ["a reset", "\x1b[?25l\x1bc", ""],
    ["what looks like a mode in a title", "\x1b]0;\x9b?25l [?25l\x07", ""],
    ["characters of several bytes", "ü\x1b[?2004hä", "\x1b[?2004l"],
    ["a sequence without end", "\x1b[" + "1;".repeat(1_000), ""],
    ["modes that concern nobody else", "\x1b[?12h\x1b[?4711h", ""],
  ] as const
) {
  Deno.test(`the modes that are left after ${what}`, () => {
    const whole = new TerminalModes();
    whole.push(encoder.encode(output));
    is(whole.undo, undo);
    const pieces = new TerminalModes();
    for (const byte of encoder.encode(output)) pieces.push(Uint8Array.of(byte));
    is(pieces.undo, undo);
  });
}
