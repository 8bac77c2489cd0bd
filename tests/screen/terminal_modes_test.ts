import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { coreOf } from "../../src/screen/core.ts";
import { createEmulator, type Emulator } from "../../src/screen/emulator.ts";
import { TerminalModes } from "../../src/screen/terminal_modes.ts";
import { RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import { FakeProcess } from "./fake_process.ts";

const size = { rows: 6, cols: 20 };
const encode = (text: string) => new TextEncoder().encode(text);

function modesOf(...parts: string[]): TerminalModes {
  const modes = new TerminalModes();
  for (const part of parts) modes.read(encode(part));
  return modes;
}

/** What of an emulator's state has nothing to do with what it shows. */
function state({ terminal, title, buffer }: Emulator) {
  const core = coreOf(terminal);
  const { _curAttrData: pen } = core._inputHandler;
  return {
    modes: terminal.modes,
    encoding: core.coreMouseService.activeEncoding,
    visible: !core.coreService.isCursorHidden,
    margins: [core.buffer.scrollTop, core.buffer.scrollBottom],
    sets: [0, 1].map((index) => core._charsetService._charsets[index]?.q ?? "q"),
    shift: core._charsetService.glevel,
    pen: [pen.getFgColor(), pen.getBgColor(), pen.isBold(), pen.isUnderline(), pen.isInverse()],
    screen: buffer.type,
    title,
  };
}

const part = fc.oneof(
  fc.constantFrom(
    "text",
    "你好",
    "\r\n",
    "\x1b]0;title\x07",
    "\x1b]2;t\x1b\\",
    "\x1bP1;2q\x07#0~\x1b\\",
    "\x1b_x\x1b\\",
  ),
  fc.constantFrom(
    "\x1b=",
    "\x1b>",
    "\x1b(0",
    "\x1b(B",
    "\x1b)0",
    "\x1b)B",
    "\x1b)0\x0e",
    "\x0f",
    "\x1b[!p",
    "\x1bc",
  ),
  fc.tuple(
    fc.constantFrom(
      "1",
      "6",
      "7",
      "25",
      "45",
      "66",
      "1000",
      "1002",
      "1003",
      "1004",
      "1006",
      "2004",
      "1049",
      "25;1049",
      "3",
    ),
    fc.constantFrom("h", "l"),
  ).map(([mode, set]) => `\x1b[?${mode}${set}`),
  fc.constantFrom(
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[2;4r",
    "\x1b[r",
    "\x1b[3r",
    "\x1b[2J",
    "\x1b[H",
    "\x1b[5;2r",
    "\x1b[0;0r",
  ),
  fc.constantFrom("", "0", "1", "31", "0;1;31", "38;5;9", "38;2;1;2;3", "7;4").map((code) => `\x1b[${code}m`),
);

Deno.test("what output has set is known, wherever it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 30 }), fc.nat(), async (parts, cut) => {
      const text = parts.join("");
      const [whole, late] = [await createEmulator(size), await createEmulator(size)];
      whole.write(text);
      const at = cut % (text.length + 1);
      late.skipTo(modesOf(text.slice(0, at), text.slice(at)), 0);
      // What a change of screens saves and brings back is not followed.
      const ignored = text.includes("1049") ? { pen: 0, sets: 0, shift: 0, margins: 0 } : {};
      deepEqual({ ...state(late), ...ignored }, { ...state(whole), ...ignored });
    }),
    { numRuns: Number(Deno.env.get("RUNS") ?? 300) },
  );
});

Deno.test("a code is inside until its last byte, and text is never", () => {
  for (const code of ["\x1b[?1049h", "\x1b]0;title\x07", "\x1bP+q\x1b\\", "\x1b(0", "\x1b[38;5;1m"]) {
    const modes = new TerminalModes();
    for (const [index, byte] of [...encode(code)].entries()) {
      equal(modes.isInside, index > 0);
      modes.read(new Uint8Array([byte]));
    }
    equal(modes.isInside, false);
  }
  equal(modesOf("text \x18\x1a\x9b").isInside, false);
  equal(modesOf("\x1b[31\x18").isInside, false);
});

Deno.test("a code that was cut off is dropped to its end, however many chunks that takes", async () => {
  const picture = "\x1bP0;1q" + "#1~~@@".repeat(20_000);
  for (
    const [begun, ...rest] of [
      ["\x1b]52;c;QUJD", "QUJD".repeat(1_000), "QUJD\x07"],
      ["\x1b[38;5;", "12", "m"],
      ["\x1b[?10", "49h"],
      [picture, "#2!", "14~-\x1b", "\\"],
      ["\xe4", "\xbd\xa0"],
    ]
  ) {
    const process = new FakeProcess();
    const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
    process.write(bytes("\r".repeat(RETAINED_OUTPUT_BYTES) + begun));
    for (const part of rest) process.write(bytes(part));
    process.write("\r".repeat(RETAINED_OUTPUT_BYTES - 10_000)).write("end");
    const { lines, alternateScreen, missedBytes } = await process.text();
    equal(missedBytes, RETAINED_OUTPUT_BYTES + begun!.length);
    deepEqual([lines[0], alternateScreen], ["end", rest[0] === "49h"]);
  }
});
