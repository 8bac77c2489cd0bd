/** What a stream of lines brought: a line without its end, or word of one that is longer than may be kept. */
export type Line<Text = string> =
  | { readonly kind: "line"; readonly text: Text }
  | { readonly kind: "tooLong" };

/** The text of a line's bytes, which are somebody else's again afterwards. */
export type DecodeLine<Text> = (bytes: Uint8Array) => Text;

const lenient = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What is no UTF-8 becomes U+FFFD, and a byte order mark is left out. */
export const decodeLeniently: DecodeLine<string> = (bytes) => lenient.decode(bytes);

/** Undefined for what is no UTF-8; a byte order mark is a character as any other. */
export const decodeStrictly: DecodeLine<string | undefined> = (bytes) => {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * Cuts a byte stream into lines of text, wherever its chunks begin and end. A line that is too long is told once, as soon
 * as it is, and skipped to its end; nothing of it is kept.
 */
export class LineSplitter<Text> {
  readonly #limitBytes: number;
  readonly #decode: DecodeLine<Text>;
  /** The beginning of a line whose end has not come; only its first `#length` bytes count. */
  #buffer = nothing;
  #length = 0;
  #skipping = false;

  /** @param limitBytes bytes of one line at the most, without its end */
  constructor(limitBytes: number, decode: DecodeLine<Text>) {
    this.#limitBytes = limitBytes;
    this.#decode = decode;
  }

  /** Takes a chunk. @returns the lines that end in it */
  push(chunk: Uint8Array): Line<Text>[] {
    const lines: Line<Text>[] = [];
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(0x0a, at);
      const ends = newline >= 0;
      const part = chunk.subarray(at, ends ? newline : chunk.length);
      at += part.length + 1;
      if (!this.#skipping && this.#length + part.length > this.#limitBytes) {
        this.#drop();
        this.#skipping = true;
        lines.push({ kind: "tooLong" });
      }
      if (ends && !this.#skipping) lines.push({ kind: "line", text: this.#take(part) });
      else if (!this.#skipping) this.#keep(part);
      if (ends) this.#skipping = false;
    }
    return lines;
  }

  /** The stream has ended. @returns what stands after the last newline */
  end(): Line<Text>[] {
    return this.#length > 0 ? [{ kind: "line", text: this.#take(nothing) }] : [];
  }

  /** The text of what is kept with a part after it; nothing is kept any more. */
  #take(part: Uint8Array): Text {
    if (this.#length === 0) return this.#decode(part);
    this.#keep(part);
    const text = this.#decode(this.#buffer.subarray(0, this.#length));
    this.#drop();
    return text;
  }

  #drop(): void {
    this.#buffer = nothing;
    this.#length = 0;
  }

  /** Copies, so that a line that comes byte by byte costs its bytes and not a chunk for each. */
  #keep(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, Math.min(this.#buffer.length * 2, this.#limitBytes)));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(part, this.#length);
    this.#length = length;
  }
}

const nothing = new Uint8Array(0);
