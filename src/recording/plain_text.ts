/** Where in an escape sequence of a terminal something ends: outside of any, behind its ESC, and so on. */
export type PlainTextState = "text" | "return" | "escape" | "control" | "string" | "stringEscape";

const [esc, bell, newline, carriageReturn, tab] = [0x1b, 0x07, 0x0a, 0x0d, 0x09];

/** What introduces a string that ends with BEL or ESC \: DCS, SOS, OSC, PM and APC. */
const stringStarts = new Set([..."PX]^_"].map((char) => char.charCodeAt(0)));

/**
 * Takes what drives a terminal out of its output, piece by piece: colours, moves of the cursor, titles. A line that is
 * written over, as a progress bar is, stands below the one before.
 */
export class PlainText {
  state: PlainTextState;

  constructor(state: PlainTextState = "text") {
    this.state = state;
  }

  /** What is left of a piece. */
  push(bytes: Uint8Array): Uint8Array {
    const left = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      const shown = this.#next(byte);
      if (shown !== undefined) left[length++] = shown;
    }
    return left.subarray(0, length);
  }

  /** The byte to show, if any. */
  #next(byte: number): number | undefined {
    switch (this.state) {
      case "text":
      case "return":
        return this.#ofText(byte);
      case "escape":
        this.state = stringStarts.has(byte) ? "string" : byte === 0x5b
          ? "control"
          // Between an ESC and its end may stand what says which set of characters is meant.
          : byte >= 0x20 && byte < 0x30 || byte === esc
          ? "escape"
          : "text";
        return undefined;
      case "control":
        if (byte === esc) this.state = "escape";
        else if (byte >= 0x40 && byte < 0x7f) this.state = "text";
        return undefined;
      case "string":
        if (byte === bell) this.state = "text";
        else if (byte === esc) this.state = "stringEscape";
        return undefined;
      case "stringEscape":
        this.state = byte === 0x5c ? "text" : "escape";
        return byte === 0x5c ? undefined : this.#next(byte);
    }
  }

  #ofText(byte: number): number | undefined {
    const wasReturn = this.state === "return";
    this.state = byte === esc ? "escape" : byte === carriageReturn ? "return" : "text";
    // Programs send several of them before a newline.
    if (byte === carriageReturn) return wasReturn ? undefined : newline;
    if (byte === newline) return wasReturn ? undefined : newline;
    return byte >= 0x20 && byte !== 0x7f || byte === tab ? byte : undefined;
  }
}
