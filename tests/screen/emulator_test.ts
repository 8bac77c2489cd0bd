import { deepEqual, equal, ok } from "node:assert/strict";
import { CELL_CHARS, SCREEN_SCROLLBACK_LINES, SCREEN_TITLE_CHARS } from "../../src/limits.ts";
import { createEmulator, type Emulator } from "../../src/screen/emulator.ts";

async function shown(text: string, size = { rows: 4, cols: 20 }): Promise<Emulator> {
  const emulator = await createEmulator(size);
  emulator.write(text);
  return emulator;
}

function line(emulator: Emulator, row: number): string {
  return emulator.buffer.getLine(emulator.buffer.baseY + row)!.translateToString(true);
}

for (const final of ["I", "Z", "b", "L", "M", "S", "T", "@", "P", "X", "'}", "'~", " @", " A"]) {
  Deno.test(`an escape code "${final}" with a huge number ends and does no harm`, async () => {
    const emulator = await shown(`abc\x1b[2147483647${final}\x1b[2;1Hafter`);
    equal(line(emulator, 1), "after");
  });
}

Deno.test("a huge number of lines to scroll is as many as the screen has", async () => {
  const emulator = await shown("1\r\n2\r\n3\r\n4\x1b[999S");
  deepEqual([0, 1, 2, 3].map((row) => line(emulator, row)), ["", "", "", ""]);
});

Deno.test("a title is kept, of a huge one the beginning", async () => {
  equal((await shown("\x1b]0;short\x07")).title, "short");
  equal((await shown("\x1b]2;short\x1b\\")).title, "short");
  equal((await shown("\x1b]1;icon\x07")).title, "");
  equal((await shown(`\x1b]0;${"x".repeat(5_000_000)}\x07`)).title, "x".repeat(SCREEN_TITLE_CHARS));
});

Deno.test("a link shows its text", async () => {
  equal(line(await shown("\x1b]8;;http://example.com\x1b\\text\x1b]8;;\x1b\\ more"), 0), "text more");
});

Deno.test("a mark joins its letter, also where a colour comes between", async () => {
  for (const text of ["e\u0301|", "e\x1b[31m\u0301|", "你\x1b[31m\u0301|"]) {
    const emulator = await shown(text);
    equal(line(emulator, 0), text.replace("\x1b[31m", ""));
    equal(emulator.buffer.cursorX, text.startsWith("你") ? 3 : 2);
  }
});

Deno.test("what a zero-width joiner joins is one cell", async () => {
  const emulator = await shown("👨‍👩‍👧|");
  equal(emulator.buffer.cursorX, 3);
  equal(emulator.buffer.getLine(0)!.getCell(0)!.getChars(), "👨‍👩‍👧");
  // As in tmux, not before ASCII.
  equal((await shown("a\u200db")).buffer.cursorX, 2);
});

Deno.test("a cell holds so many marks and no more", async () => {
  for (const mark of ["\u0301", "\x1b[m\u0301", "\u200d👩"]) {
    const emulator = await shown("e" + mark.repeat(100));
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 20; column++) {
        const text = emulator.buffer.getLine(row)!.getCell(column)!.getChars();
        ok(text.length <= CELL_CHARS + 1, `${text.length} in row ${row}, column ${column}`);
      }
    }
  }
});

Deno.test("the cursor is known to be hidden", async () => {
  equal((await shown("")).cursorVisible, true);
  const emulator = await shown("\x1b[?25l");
  equal(emulator.cursorVisible, false);
  ok(emulator.serialize(0).includes("\x1b[?25l"));
  emulator.write("\x1bc");
  equal(emulator.cursorVisible, true);
});

Deno.test("so many lines above are kept, and fewer of wide ones", async () => {
  const emulator = await shown("\n".repeat(5_000));
  equal(emulator.buffer.baseY, SCREEN_SCROLLBACK_LINES);
  emulator.resize({ rows: 4, cols: 10_000 });
  equal(emulator.buffer.baseY, 25);
  equal((await shown("\n".repeat(5_000), { rows: 4, cols: 10_000 })).buffer.baseY, 25);
});

Deno.test("colours with colons are read with and without a colour space", async () => {
  for (
    const code of [
      "38:2:1:2:3",
      "38:2::1:2:3",
      "38:2:0:1:2:3",
      "38;2;1;2;3",
      "1;38:2:1:2:3;4",
      "48:2:9:9:9;38:2:1:2:3",
    ]
  ) {
    const cell = (await shown(`\x1b[${code}mx`)).buffer.getLine(0)!.getCell(0)!;
    deepEqual([code, cell.isFgRGB(), cell.getFgColor()], [code, true, 0x010203]);
  }
  const cell = (await shown("\x1b[48:2:1:2:3;38:5:9;4:3mx")).buffer.getLine(0)!.getCell(0)!;
  deepEqual([cell.getBgColor(), cell.getFgColor(), cell.isUnderline() !== 0], [0x010203, 9, true]);
});

Deno.test("to change the number of columns clears the screen, and leaves the size to the client", async () => {
  for (const code of ["\x1b[?3h", "\x1b[?3l", "\x1b[?25;3h"]) {
    const emulator = await shown(`one\r\ntwo\x1b[2;3r\x1b[3;3H${code}new`);
    deepEqual([0, 1, 2].map((row) => line(emulator, row)), ["new", "", ""]);
    deepEqual(emulator.size, { rows: 4, cols: 20 });
  }
});
