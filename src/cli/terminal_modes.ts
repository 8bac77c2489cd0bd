/**
 * What a program has set on a terminal and not undone, told from its output. A program that is killed, or whose server is
 * lost, undoes nothing itself, and its user's shell would go on with a hidden cursor or a mouse that types.
 */
export class TerminalModes {
  /** Sequences that undo what is set, by what that is; the last that was set comes first. */
  readonly #undo = new Map<string, string>();
  /** Keyboard modes that were put on the terminal's stack. */
  #pushed = 0;
  /** The beginning of a sequence whose end is yet to come. */
  #begun = "";

  /** Takes output, in whatever pieces. */
  push(bytes: Uint8Array): void {
    if (this.#begun === "" && !bytes.includes(escapeByte)) return;
    // Sequences are ASCII; every byte is one character here, so that none is lost at a piece's end.
    const text = this.#begun + latin1(bytes);
    this.#begun = "";
    let end = 0;
    for (const match of text.matchAll(sequence)) {
      this.#take(match[0]);
      end = match.index + match[0].length;
    }
    const rest = unfinished.exec(text.slice(end))?.[0] ?? "";
    if (rest.length <= longest) this.#begun = rest;
  }

  /** What brings the terminal back; nothing where nothing is set. */
  get undo(): string {
    return [...this.#undo.values()].reverse().join("") + "\x1b[<u".repeat(this.#pushed);
  }

  #take(code: string): void {
    const [, mark, numbers = "", final] = csi.exec(code) ?? [];
    if (code === "\x1bc" || code === "\x1b[!p") this.#clear();
    else if (code === "\x1b=" || code === "\x1b>") this.#set("keypad", code === "\x1b=", "\x1b>");
    else if (code.startsWith("\x1b(")) this.#set("letters", code !== "\x1b(B", "\x1b(B");
    else if (final === undefined) return;
    else if (mark === "?" && (final === "h" || final === "l")) this.#takeModes(numbers, final);
    else if (mark === ">" && final === "u") this.#pushed++;
    else if (mark === "<" && final === "u") this.#pushed = Math.max(0, this.#pushed - (Number(numbers) || 1));
    else if (mark === ">" && final === "m") this.#set("keys", /^4;[1-9]/.test(numbers), "\x1b[>4m");
    else if (mark === "" && final === "r") this.#set("region", numbers !== "", "\x1b7\x1b[r\x1b8");
    else if (mark === "" && final === "m") this.#set("colours", !/^[0;]*$/.test(numbers), "\x1b[m");
    else if (mark === "" && final === " q") this.#set("cursor", !/^0?$/.test(numbers), "\x1b[0 q");
    else if (mark === "" && final === "h" && numbers === "4") this.#set("insert", true, "\x1b[4l");
    else if (mark === "" && final === "l" && numbers === "4") this.#set("insert", false, "");
  }

  #takeModes(numbers: string, final: string): void {
    for (const mode of numbers.split(";")) {
      const usual = modes[mode];
      if (usual !== undefined) this.#set(mode, final !== usual, `\x1b[?${mode}${usual}`);
    }
  }

  #set(what: string, isSet: boolean, undo: string): void {
    this.#undo.delete(what);
    if (isSet) this.#undo.set(what, undo);
  }

  #clear(): void {
    this.#undo.clear();
    this.#pushed = 0;
  }
}

/** Modes with what is usual for each, `h` for set and `l` for not: the modes that a shell relies on. */
const modes: Readonly<Record<string, "h" | "l">> = {
  1: "l", // arrow keys
  5: "l", // reverse video
  6: "l", // origin
  7: "h", // wrapping
  9: "l", // mouse, in five ways, and three encodings of it
  25: "h", // the cursor is seen
  47: "l", // the alternate screen, in three ways
  66: "l", // keypad
  1000: "l",
  1001: "l",
  1002: "l",
  1003: "l",
  1004: "l", // focus
  1005: "l",
  1006: "l",
  1015: "l",
  1016: "l",
  1047: "l",
  1049: "l",
  2004: "l", // paste
  2026: "l", // drawing is held back
  2031: "l", // colours are told
};

const escapeByte = 0x1b;
/** Characters of a sequence at the most; what is longer is none. */
const longest = 256;
// deno-lint-ignore no-control-regex -- these are what terminals are driven with
const csi = /^\x1b\[([?><=!]?)([0-9;:]*)( ?[@-~])$/;
/** One whole sequence: CSI, a text up to its end (of which nothing counts here), or another escape. */
// deno-lint-ignore no-control-regex -- as above
const sequence = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-OQ-WYZ\\`-~]/g;
/** The beginning of one at the end of a text. */
// deno-lint-ignore no-control-regex -- as above
const unfinished = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$/;

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
