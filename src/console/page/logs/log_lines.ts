import { PlainText } from "../../../recording/plain_text.ts";

/** What a line is: output of one of the streams, or what the page has to say. */
export type LineKind = "stdout" | "stderr" | "notice";

/** A line of a log. The last one of a stream may still grow. */
export interface LogLine {
  readonly kind: LineKind;
  text: string;
}

/** How much is kept. */
export interface LogLinesOptions {
  /** Characters of all lines; each counts some more for itself. */
  readonly maxChars: number;
  /** Characters of one line: a longer one is continued in the next. */
  readonly maxLineChars: number;
}

/** What a line counts beside its text. */
const lineChars = 60;

/** The lines of a process's output as they come, without what drives a terminal. The oldest go when there are too many. */
export class LogLines {
  readonly #options: LogLinesOptions;
  readonly #streams = { stdout: new Stream(), stderr: new Stream() };
  readonly #lines: LogLine[] = [];
  /** Lines at the beginning that are no more; they are taken out when they are many. */
  #gone = 0;
  #chars = 0;

  constructor(options: LogLinesOptions) {
    this.#options = options;
  }

  /** The number of the first line that is kept: lines are numbered from 0, for good. */
  first = 0;
  /** Numbers of lines that have grown after others had come; whoever has looked at them takes them out. */
  readonly grown = new Set<number>();

  /** The number that the next line will have. */
  get end(): number {
    return this.first + this.#lines.length - this.#gone;
  }

  /** The line of a number; undefined for one that is not kept. */
  at(number: number): LogLine | undefined {
    return number < this.first ? undefined : this.#lines[number - this.first + this.#gone];
  }

  /** Takes output in. */
  add(kind: "stdout" | "stderr", bytes: Uint8Array): void {
    const stream = this.#streams[kind];
    const pieces = stream.text(bytes).split("\n");
    for (const [at, piece] of pieces.entries()) {
      if (piece.length > 0) this.#append(kind, stream, piece);
      if (at < pieces.length - 1) this.#endLine(kind, stream);
    }
    this.#drop();
  }

  /** Says something between the lines. */
  note(text: string): void {
    for (const stream of Object.values(this.#streams)) stream.line = undefined;
    this.#push({ kind: "notice", text });
    this.#drop();
  }

  #append(kind: LineKind, stream: Stream, text: string): void {
    const { maxLineChars } = this.#options;
    for (let at = 0; at < text.length;) {
      if (!stream.line || stream.line.text.length >= maxLineChars) {
        stream.number = this.end;
        stream.line = this.#push({ kind, text: "" });
      } else this.grown.add(stream.number);
      const { line } = stream;
      const part = text.slice(at, at + maxLineChars - line.text.length);
      line.text += part;
      this.#chars += part.length;
      at += part.length;
    }
  }

  #endLine(kind: LineKind, stream: Stream): void {
    if (!stream.line) this.#push({ kind, text: "" });
    stream.line = undefined;
  }

  #push(line: LogLine): LogLine {
    this.#lines.push(line);
    this.#chars += line.text.length + lineChars;
    return line;
  }

  #drop(): void {
    while (this.#chars > this.#options.maxChars && this.#gone < this.#lines.length - 1) {
      this.#chars -= this.#lines[this.#gone]!.text.length + lineChars;
      this.#gone++;
      this.first++;
    }
    if (this.#gone < this.#lines.length / 2) return;
    this.#lines.splice(0, this.#gone);
    this.#gone = 0;
  }
}

/** One of a process's streams, whose characters and escape codes may be cut at any place. */
class Stream {
  readonly #plain = new PlainText();
  readonly #decoder = new TextDecoder();
  /** The line that is still written. */
  line: LogLine | undefined;
  /** Its number. */
  number = 0;

  text(bytes: Uint8Array): string {
    return this.#decoder.decode(this.#plain.push(bytes), { stream: true });
  }
}
