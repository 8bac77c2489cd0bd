import { concat } from "../std/bytes/concat.ts";

/** Bytes that hold whole characters, and their text: U+FFFD stands for what is no UTF-8. */
export interface WholeText {
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Whether the text has the same bytes. */
  readonly isExact: boolean;
}

/** Puts bytes that come in pieces into text, without cutting a character in two. */
export class WholeTextDecoder {
  #rest: Uint8Array;

  /** @param rest what was left of pieces that another one took */
  constructor(rest: Uint8Array = nothing) {
    this.#rest = rest;
  }

  /** The beginning of a character whose rest is still to come. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /** The next whole characters; undefined where there are none yet. */
  decode(piece: Uint8Array): WholeText | undefined {
    const bytes = this.#rest.length === 0 ? piece : concat([this.#rest, piece]);
    const end = bytes.length - cutLength(bytes);
    this.#rest = bytes.slice(end);
    return wholeText(bytes.subarray(0, end));
  }

  /** What is left at the end, which is no whole character. */
  end(): WholeText | undefined {
    const rest = this.#rest;
    this.#rest = nothing;
    return wholeText(rest);
  }
}

const nothing = new Uint8Array(0);
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

function wholeText(bytes: Uint8Array): WholeText | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return { bytes, text: strict.decode(bytes), isExact: true };
  } catch {
    return { bytes, text: lenient.decode(bytes), isExact: false };
  }
}

/** How many bytes at the end are the beginning of a character. */
function cutLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if ((byte & 0xc0) === 0x80) continue;
    return characterLength(byte) > length ? length : 0;
  }
  return 0;
}

/** How many bytes a character has that begins so; 1 for what begins none. */
function characterLength(first: number): number {
  if (first >= 0xf0 && first < 0xf5) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc2 ? 2 : 1;
}
