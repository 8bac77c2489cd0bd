import { PEN_BYTES } from "../limits.ts";
import { type EscapeListener, EscapeReader } from "./escape_reader.ts";

/** Modes that are remembered, and whether they are set in an empty terminal. */
const privateModes = new Map([
  ...[1, 45, 1004, 2004].map((mode) => [mode, false] as const),
  ...[7, 25].map((mode) => [mode, true] as const),
]);
/** Of each of these groups at most one is set. */
const mouseModes: readonly number[] = [9, 1000, 1002, 1003];
const mouseEncodings: readonly number[] = [1006, 1016];
const alternateModes: readonly number[] = [47, 1047, 1049];

const char = (text: string) => text.charCodeAt(0);
const finals = {
  set: char("h"),
  reset: char("l"),
  pen: char("m"),
  erase: char("J"),
  margins: char("r"),
  soft: char("p"),
};

/**
 * What a terminal's output up to some point has set, and so what whoever begins to show it there must know: modes,
 * margins, how characters are written, the title, and whether the point lies within an escape code.
 */
export class TerminalModes implements EscapeListener {
  /** Bytes of output so far. */
  offset: number;
  /** Where the whole screen was last erased, put back to its beginnings, or changed for the alternate one. */
  erasedAt = 0;
  resetAt = 0;
  switchedAt = 0;
  alternate = false;
  title: string | undefined;

  #reader = new EscapeReader(this);
  /** Those that are not as in an empty terminal. */
  #changed = new Map<number, boolean>();
  #mouse: number | undefined;
  #mouseEncoding: number | undefined;
  #origin = false;
  #insert = false;
  #keypad = false;
  /** The rows between which it scrolls, as they were given. */
  #margins = "";
  #sets = ["B", "B"];
  #shift: 0 | 1 = 0;
  /** The codes for how characters are written since they were last written plainly. */
  #pen = new Uint8Array(PEN_BYTES);
  #penLength = 0;

  constructor(offset = 0) {
    this.offset = offset;
  }

  /** What it is at this moment. */
  copy(): TerminalModes {
    const copy = new TerminalModes(this.offset);
    copy.erasedAt = this.erasedAt;
    copy.resetAt = this.resetAt;
    copy.switchedAt = this.switchedAt;
    copy.alternate = this.alternate;
    copy.title = this.title;
    copy.#reader = this.#reader.copyFor(copy);
    copy.#changed = new Map(this.#changed);
    copy.#mouse = this.#mouse;
    copy.#mouseEncoding = this.#mouseEncoding;
    copy.#origin = this.#origin;
    copy.#insert = this.#insert;
    copy.#keypad = this.#keypad;
    copy.#margins = this.#margins;
    copy.#sets = [...this.#sets];
    copy.#shift = this.#shift;
    copy.#pen = this.#pen.slice();
    copy.#penLength = this.#penLength;
    return copy;
  }

  /** Only a program that has another set of characters shifts to it. */
  get usesShifts(): boolean {
    return this.#sets[1] !== "B" || this.#shift === 1;
  }

  get origin(): boolean {
    return this.#origin;
  }

  /** The first and the last row that scroll, counted from 0; the last is Infinity where that is the last there is. */
  get margins(): readonly [top: number, bottom: number] {
    const [top, bottom] = this.#margins.split(";").map(Number);
    return [Math.max(top || 1, 1) - 1, (bottom || Infinity) - 1];
  }

  /** Whether an escape code has begun that has not ended. */
  get isInside(): boolean {
    return this.#reader.isInside;
  }

  /** Reads on. */
  read(bytes: Uint8Array): void {
    this.#reader.read(bytes);
    this.offset += bytes.length;
  }

  /** Goes on behind bytes that are not the terminal's. */
  pass(bytes: Uint8Array): void {
    this.offset += bytes.length;
  }

  /** Goes on behind bytes that are not looked at. */
  skip(bytes: Uint8Array): void {
    this.#reader = new EscapeReader(this);
    this.offset += bytes.length;
  }

  /** Reads the rest of a code that has begun. @returns what follows it */
  afterCode(bytes: Uint8Array): Uint8Array {
    const length = this.#reader.finish(bytes);
    this.offset += length;
    return bytes.subarray(length);
  }

  /** Escape codes that set all of it but the screen, the margins and what is relative to them. */
  codes(): string {
    const modes = [...privateModes].map(([mode, byDefault]) => {
      const isSet = this.#changed.get(mode) ?? byDefault;
      return `\x1b[?${mode}${isSet ? "h" : "l"}`;
    });
    const sets = this.#sets.map((set, index) => `\x1b${index === 0 ? "(" : ")"}${set}`);
    return [
      ...modes,
      `\x1b[?1003;1006l`,
      ...[this.#mouse, this.#mouseEncoding].map((mode) => mode === undefined ? "" : `\x1b[?${mode}h`),
      `\x1b[4${this.#insert ? "h" : "l"}`,
      this.#keypad ? "\x1b=" : "\x1b>",
      ...sets,
      this.#shift === 1 ? "\x0e" : "\x0f",
      "\x1b[m",
      new TextDecoder("latin1").decode(this.#pen.subarray(0, this.#penLength)),
    ].join("");
  }

  control(parameters: Uint8Array, length: number, final: number): void {
    if (final === finals.pen) return this.#setPen(parameters, length);
    const isWatched = final === finals.set || final === finals.reset || final === finals.erase ||
      final === finals.margins || final === finals.soft;
    if (!isWatched) return;
    const text = new TextDecoder("latin1").decode(parameters.subarray(0, length));
    if (final === finals.soft) {
      if (text === "!") this.#resetSoftly();
    } else if (final === finals.margins) {
      if (/^[\d;]*$/.test(text)) this.#setMargins(text);
    } else if (final === finals.erase) {
      if (text === "2") this.erasedAt = this.offset + 1;
    } else {
      this.#setModes(text, final === finals.set);
    }
  }

  escape(intermediate: number, final: number): void {
    const code = (intermediate === 0 ? "" : String.fromCharCode(intermediate)) + String.fromCharCode(final);
    if (code === "c") {
      this.#resetSoftly();
      this.#changed.clear();
      this.#mouse = this.#mouseEncoding = undefined;
      this.alternate = false;
      this.resetAt = this.offset + 1;
    } else if (code === "=" || code === ">") this.#keypad = code === "=";
    else if (code[0] === "(" && code.length === 2) this.#sets[0] = code[1]!;
    else if (code[0] === ")" && code.length === 2) this.#sets[1] = code[1]!;
  }

  command(text: Uint8Array): void {
    // 0 and 2 set the window's title.
    if ((text[0] !== 0x30 && text[0] !== 0x32) || text[1] !== 0x3b) return;
    this.title = new TextDecoder().decode(text.subarray(2));
  }

  shift(level: 0 | 1): void {
    this.#shift = level;
  }

  #setModes(text: string, isSet: boolean): void {
    if (text[0] !== "?") {
      if (text.split(";").includes("4")) this.#insert = isSet;
      return;
    }
    for (const mode of text.slice(1).split(";").map(Number)) {
      if (privateModes.has(mode)) this.#changed.set(mode, isSet);
      else if (mouseModes.includes(mode)) this.#mouse = isSet ? mode : undefined;
      else if (mouseEncodings.includes(mode)) this.#mouseEncoding = isSet ? mode : undefined;
      else if (mode === 6) this.#origin = isSet;
      else if (mode === 66) this.#keypad = isSet;
      else if (alternateModes.includes(mode) && this.alternate !== isSet) {
        this.alternate = isSet;
        this.switchedAt = this.offset + 1;
      } else if (mode === 3) {
        this.#margins = "";
        this.erasedAt = this.offset + 1;
      }
    }
  }

  #setMargins(text: string): void {
    const [top = 1, bottom = 0] = text.split(";").map(Number);
    if (bottom === 0 || bottom > (top || 1)) this.#margins = text;
  }

  #resetSoftly(): void {
    for (const mode of [1, 7, 25, 45, 1004, 2004]) this.#changed.delete(mode);
    this.#origin = this.#insert = this.#keypad = false;
    this.#margins = "";
    this.#sets = ["B", "B"];
    this.#shift = 0;
    this.#penLength = 0;
  }

  #setPen(parameters: Uint8Array, length: number): void {
    // `CSI > ... m` and the like are about keys.
    if (length > 0 && parameters[0]! > 0x3b) return;
    const startsAnew = length === 0 || parameters[0] === 0x30 && (length === 1 || parameters[1] === 0x3b);
    if (startsAnew || this.#penLength + length + 3 > PEN_BYTES) this.#penLength = 0;
    if (length <= 1 && startsAnew || length + 3 > PEN_BYTES) return;
    this.#pen[this.#penLength++] = 0x1b;
    this.#pen[this.#penLength++] = 0x5b;
    this.#pen.set(parameters.subarray(0, length), this.#penLength);
    this.#penLength += length;
    this.#pen[this.#penLength++] = finals.pen;
  }
}
