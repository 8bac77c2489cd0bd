import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { createEmulator } from "../../src/screen/emulator.ts";
import { coreOf } from "../../src/screen/core.ts";
import headless, { type IBufferCell, type Terminal } from "@xterm/headless";

const size = { rows: 6, cols: 12 };

/** An emulator as it comes, without anything of this program. */
function freshTerminal(text: string): Terminal {
  const terminal = new headless.Terminal({
    ...size,
    scrollback: 100,
    allowProposedApi: true,
    logLevel: "off",
  });
  coreOf(terminal).writeSync(text);
  return terminal;
}

function look(cell: IBufferCell): string {
  return JSON.stringify([
    cell.getChars() || " ",
    cell.getWidth(),
    [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()],
    [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isBlink(), cell.isInverse()].map(
      Boolean,
    ),
    [cell.isInvisible(), cell.isStrikethrough(), cell.isOverline()].map(Boolean),
  ]);
}

/** All cells, the cursor and everything else that a person or a program can notice. */
function everything(terminal: Terminal) {
  const { active } = terminal.buffer;
  const core = coreOf(terminal);
  return {
    type: active.type,
    baseY: active.baseY,
    lines: Array.from({ length: active.baseY + size.rows }, (_, row) => {
      const line = active.getLine(row)!;
      return Array.from({ length: size.cols }, (_, column) => look(line.getCell(column)!));
    }),
    cursor: [active.cursorX, active.cursorY, core.coreService.isCursorHidden],
    margins: [core.buffer.scrollTop, core.buffer.scrollBottom],
    modes: terminal.modes,
  };
}

const number = fc.constantFrom("", "0", "1", "2", "3", "5", "7", "12", "99");
const numbers = fc.array(number, { maxLength: 2 }).map((list) => list.join(";"));
const graphics = fc.array(
  fc.constantFrom(
    ..."0 1 2 3 4 5 7 8 9 22 24 27 31 39 42 49 53 93 104".split(" "),
    "38;5;3",
    "38;5;200",
    "48;5;17",
    "38;2;1;2;3",
    "48:2:9:8:7",
    "38:2::4:5:6",
    "4:3",
    "58:2::1:2:3",
  ),
  { maxLength: 3 },
).map((list) => `\x1b[${list.join(";")}m`);
const modes = fc.tuple(
  fc.constantFrom("?1", "?6", "?7", "?25", "?45", "?2004", "?1000", "?1006", "4"),
  fc.constantFrom("h", "l"),
)
  .map(([mode, set]) => `\x1b[${mode}${set}`);
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."abcXYZ  "), maxLength: 20 }),
  fc.constantFrom(
    "你好",
    "é",
    "─┼",
    "한",
    "\r\n",
    "\n",
    "\r",
    "\b",
    "\t",
    "\x1b7",
    "\x1b8",
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1b(0",
    "\x1b(B",
  ),
  fc.constantFrom("\x1b[?1049h", "\x1b[?1049l", "\x1b#8", "\x1bc", "\x1b[!p", "\x1b[?3h"),
  fc.tuple(numbers, fc.constantFrom(..."ABCDEFGHdfJKLMPSTX@r`b".split(""))).map(([n, final]) =>
    `\x1b[${n}${final}`
  ),
  graphics,
  graphics,
  modes,
);

Deno.test("the escape codes of any screen make a fresh terminal look and go on the same", async () => {
  const emulator = await createEmulator(size);
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(..."xyz\n\t"), maxLength: 20 }),
      async (parts, more) => {
        // The emulator itself leaves half a character behind there.
        fc.pre(!parts.includes("\x1b[?7l") || !parts.some((part) => /[你한]/.test(part)));
        const emulator = await createEmulator(size);
        emulator.write(parts.join(""));
        const copy = freshTerminal(emulator.serialize(1_000));
        deepEqual(everything(copy), everything(emulator.terminal));
        emulator.write(more);
        coreOf(copy).writeSync(more);
        deepEqual(everything(copy), everything(emulator.terminal));
      },
    ),
    { numRuns: Number(Deno.env.get("RUNS") ?? 300) },
  );
  equal(emulator.serialize(0), "");
});
