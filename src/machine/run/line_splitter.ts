/** Takes a stream of bytes apart into lines of text, without what ends them. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #limitChars: number;
  #rest: string[] = [];
  #restChars = 0;

  /** @param limitChars characters of a line at the most; a longer one comes in parts */
  constructor(limitChars: number) {
    this.#limitChars = Math.max(1, limitChars);
  }

  /** The lines that end in these bytes. */
  *push(bytes: Uint8Array): Generator<string> {
    const text = this.#decoder.decode(bytes, { stream: true });
    let begin = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
      yield this.#line(text.slice(begin, end));
      begin = end + 1;
    }
    this.#keep(text.slice(begin));
    if (this.#restChars >= this.#limitChars) yield this.#take();
  }

  /** What is behind the last end of a line, if anything. */
  *end(): Generator<string> {
    this.#keep(this.#decoder.decode());
    if (this.#restChars > 0) yield this.#take();
  }

  #line(last: string): string {
    this.#keep(last);
    const line = this.#take();
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  #keep(text: string): void {
    if (text === "") return;
    this.#rest.push(text);
    this.#restChars += text.length;
  }

  #take(): string {
    const line = this.#rest.length === 1 ? this.#rest[0]! : this.#rest.join("");
    this.#rest = [];
    this.#restChars = 0;
    return line;
  }
}
