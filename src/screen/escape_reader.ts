import { ESCAPE_CODE_BYTES } from "../limits.ts";

/** What an {@linkcode EscapeReader} tells of. The bytes it shows are its own, and stay what they are only for the call. */
export interface EscapeListener {
  /** A control sequence: what stands between `ESC [` and its last byte, and that. */
  control(parameters: Uint8Array, length: number, final: number): void;
  /** A short code: its last byte, and the one before, 0 where that is ESC. */
  escape(intermediate: number, final: number): void;
  /** An operating system command, such as a window's title. */
  command(text: Uint8Array): void;
  /** Another set of characters: 0 after SI, 1 after SO. */
  shift(level: 0 | 1): void;
  /** Whether shifts are of interest now: to find them takes a look at every byte. */
  readonly usesShifts: boolean;
}

const bel = 0x07, so = 0x0e, si = 0x0f, can = 0x18, sub = 0x1a, esc = 0x1b;
const semicolon = 0x3b, bracket = 0x5b, closingBracket = 0x5d;
/** DCS, SOS, PM and APC, whose strings mean nothing here. */
const strings: readonly number[] = [0x50, 0x58, 0x5e, 0x5f];

const text = 0, escape = 1, control = 2, command = 3, string = 4;

/** Finds the escape codes in a terminal's output, which may be cut anywhere. Text between them costs next to nothing. */
export class EscapeReader {
  readonly #listener: EscapeListener;
  #state = text;
  /** What the code has had so far; what is too much of it is dropped. */
  #code = new Uint8Array(64);
  #length = 0;

  constructor(listener: EscapeListener) {
    this.#listener = listener;
  }

  /** Another one at the same place. */
  copyFor(listener: EscapeListener): EscapeReader {
    const copy = new EscapeReader(listener);
    copy.#state = this.#state;
    copy.#code = this.#code.slice();
    copy.#length = this.#length;
    return copy;
  }

  get isInside(): boolean {
    return this.#state !== text;
  }

  /** Reads on. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at = this.#state === text ? this.#skipText(bytes, at) : this.#readCode(bytes, at);
    }
  }

  /** Reads on to the end of the code that has begun. @returns how many bytes that took; none where there is none */
  finish(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== text) at = this.#readCode(bytes, at);
    return at;
  }

  #skipText(bytes: Uint8Array, from: number): number {
    const found = bytes.indexOf(esc, from);
    const end = found < 0 ? bytes.length : found;
    if (this.#listener.usesShifts) this.#findShift(bytes, from, end);
    if (found < 0) return end;
    this.#enter(escape);
    return found + 1;
  }

  /** The last one decides. */
  #findShift(bytes: Uint8Array, from: number, end: number): void {
    let at = end - 1;
    while (at >= from && bytes[at] !== so && bytes[at] !== si) at--;
    if (at >= from) this.#listener.shift(bytes[at] === so ? 1 : 0);
  }

  #enter(state: number): void {
    this.#state = state;
    this.#length = 0;
  }

  /** Reads one byte of a code, or all of a control sequence. */
  #readCode(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at++]!;
      if (byte === esc) {
        if (this.#state === command) this.#listener.command(this.#code.subarray(0, this.#length));
        this.#enter(escape);
      } else if (byte === can || byte === sub) {
        this.#enter(text);
      } else if (this.#state === control) {
        if (byte >= 0x40 && byte < 0x7f) {
          this.#state = text;
          this.#listener.control(this.#code, this.#length, byte);
        } else if (byte >= 0x80) this.#state = text;
        else if (byte >= 0x20 && byte < 0x40) this.#keep(byte);
      } else if (this.#state === escape) this.#readEscape(byte);
      else if (this.#state === command && byte === bel) {
        this.#state = text;
        this.#listener.command(this.#code.subarray(0, this.#length));
      } else if (this.#state === command) this.#keep(byte);
      if (this.#state === text) break;
    }
    return at;
  }

  #readEscape(byte: number): void {
    if (byte >= 0x80) this.#enter(text);
    else if (byte < 0x20 || byte === 0x7f) return; // Carried out in the middle of a code.
    else if (byte < 0x30) this.#keep(byte);
    else if (this.#length > 0) this.#endEscape(byte);
    else if (byte === bracket) this.#enter(control);
    else if (byte === closingBracket) this.#enter(command);
    else if (strings.includes(byte)) this.#enter(string);
    else this.#endEscape(byte);
  }

  #endEscape(final: number): void {
    const intermediate = this.#length > 0 ? this.#code[this.#length - 1]! : 0;
    this.#enter(text);
    this.#listener.escape(intermediate, final);
  }

  /** A program that never ended its title would never show anything again; pictures and the like are long. */
  #giveUpTitle(): void {
    const isTitle = this.#state === command && this.#code[0]! <= 0x32 && this.#code[1] === semicolon;
    if (isTitle) this.#enter(text);
  }

  #keep(byte: number): void {
    if (this.#length === this.#code.length) {
      if (this.#length >= ESCAPE_CODE_BYTES) return this.#giveUpTitle();
      const longer = new Uint8Array(this.#length * 2);
      longer.set(this.#code);
      this.#code = longer;
    }
    this.#code[this.#length++] = byte;
  }
}
