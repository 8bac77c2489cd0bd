import { UsageError } from "./usage_error.ts";

/** What a person asks of this program in the middle of what is typed: to end, or to tell what can be asked. */
export type EscapeRequest = "end" | "help";

const [newline, carriageReturn] = [0x0a, 0x0d];
const requests: Readonly<Record<string, EscapeRequest>> = { ".": "end", "?": "help" };

/** The flag of commands that show a terminal. */
export const escapeFlag = {
  "escape-char": {
    value: "CHAR",
    help: 'What begins an escape at the start of a line on a terminal: "~" by default, "none" for none',
  },
} as const;

/**
 * The character of `--escape-char`; undefined for none.
 *
 * @throws {UsageError} for more than one, and for one that is not of ASCII
 */
export function parseEscapeChar(text: string = "~"): string | undefined {
  if (text === "none") return undefined;
  if (/^[\x21-\x7e]$/.test(text) && !Object.hasOwn(requests, text)) return text;
  throw new UsageError(`--escape-char takes one character such as ~, or none, not "${text}"`);
}

/**
 * Looks for escapes in what is typed, as ssh has them: a character at the start of a line, and behind it what is asked for.
 * Twice the character is the character.
 */
export class EscapeLine {
  readonly char: string;
  readonly #byte: number;
  #isAtStart = true;
  /** Whether the character has come, and what stands behind it has not. */
  #isBegun = false;

  constructor(char: string) {
    this.char = char;
    this.#byte = char.charCodeAt(0);
  }

  /** @returns what is to be passed on, and what is asked for, in its order */
  push(bytes: Uint8Array): { readonly typed: Uint8Array; readonly asked: readonly EscapeRequest[] } {
    if (!this.#isBegun && !bytes.includes(this.#byte)) {
      if (bytes.length > 0) this.#isAtStart = isLineEnd(bytes.at(-1)!);
      return { typed: bytes, asked: [] };
    }
    const typed: number[] = [];
    const asked: EscapeRequest[] = [];
    for (const byte of bytes) {
      const request = this.#take(byte, typed);
      if (request) asked.push(request);
    }
    return { typed: new Uint8Array(typed), asked };
  }

  #take(byte: number, typed: number[]): EscapeRequest | undefined {
    if (!this.#isBegun && this.#isAtStart && byte === this.#byte) {
      this.#isBegun = true;
      return undefined;
    }
    const request = this.#isBegun ? requests[String.fromCharCode(byte)] : undefined;
    // What is no escape is what was typed.
    if (this.#isBegun && !request && byte !== this.#byte) typed.push(this.#byte);
    this.#isBegun = false;
    if (request) return request;
    typed.push(byte);
    this.#isAtStart = isLineEnd(byte);
    return undefined;
  }
}

function isLineEnd(byte: number): boolean {
  return byte === newline || byte === carriageReturn;
}

/** What there is to ask for, line by line. */
function escapeHelp({ char }: EscapeLine, end: string): readonly string[] {
  return [
    "escapes, at the start of a line:",
    `  ${char}.  ${end}`,
    `  ${char}?  this help`,
    `  ${char}${char}  the character ${char} itself`,
  ];
}

/** What becomes of escapes. */
export interface EscapeActions {
  /** Tells the user something in one line. */
  readonly warn: (text: string) => void;
  readonly end: () => void;
}

/** What takes the escapes out of keys and does what is asked. @param end what the end means here */
export function escapeFilter(
  line: EscapeLine,
  end: string,
  actions: EscapeActions,
): (keys: Uint8Array) => Uint8Array {
  return (keys) => {
    const { typed, asked } = line.push(keys);
    for (const request of asked) {
      if (request === "end") actions.end();
      else escapeHelp(line, end).forEach((text) => actions.warn(text));
    }
    return typed;
  };
}
