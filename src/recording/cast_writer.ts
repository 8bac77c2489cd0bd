import { decodeBase64, encodeBase64 } from "../protocol/base64.ts";
import type { StandardStream, TerminalSize } from "../protocol/schemas/process.ts";
import { type WholeText, WholeTextDecoder } from "./whole_text.ts";

/** What a recording says of itself. */
export interface CastHeader {
  readonly size: TerminalSize;
  /** When it began, in seconds since 1970. */
  readonly timestamp: number;
  /** The terminal's kind, such as `xterm-256color`. */
  readonly term?: string | undefined;
  readonly title?: string | undefined;
  readonly command?: string | undefined;
}

/** How far a recording is written: another writer goes on from there. Times are milliseconds of one clock. */
export interface CastState {
  readonly version: 2 | 3;
  readonly startMs: number;
  readonly lastMs: number;
  /** What rounding has left over, so that times do not drift. */
  readonly leftMs: number;
  readonly stream: StandardStream;
  /** Beginnings of characters whose rest is still to come, as base64. */
  readonly rests: Partial<Record<StandardStream, string | undefined>>;
}

/**
 * Writes a recording as asciicast v3: lines of JSON, each event with the seconds since the one before. It is exact to the
 * byte: a stretch that is no UTF-8 stands in a comment before its event, `#b BASE64`, and a change of stream in `#s stderr`.
 * Every player leaves comments out. In v2 there are no comments and no exit, and times are since the beginning.
 *
 * Behind pipes a newline is written as a terminal would get it, since players know nothing else; `#n` says so.
 */
export class CastWriter {
  readonly #write: (line: string) => void;
  readonly #version: 2 | 3;
  readonly #decoders: Partial<Record<StandardStream, WholeTextDecoder>> = {};
  readonly #typed = new TextDecoder();
  readonly #startMs: number;
  #lastMs: number;
  #leftMs: number;
  #stream: StandardStream;

  /**
   * Goes on where another one was.
   *
   * @param write takes one line, without its end
   */
  constructor(state: CastState, write: (line: string) => void) {
    this.#write = write;
    this.#version = state.version;
    this.#startMs = state.startMs;
    this.#lastMs = state.lastMs;
    this.#leftMs = state.leftMs;
    this.#stream = state.stream;
    for (const [stream, rest] of Object.entries(state.rests)) {
      if (rest) this.#decoders[stream as StandardStream] = new WholeTextDecoder(decodeBase64(rest));
    }
  }

  /** Begins a recording, in v3 where nothing else is said. */
  static begin(
    header: CastHeader,
    startMs: number,
    write: (line: string) => void,
    version: CastState["version"] = 3,
  ): CastWriter {
    const { size: { cols, rows }, term, timestamp, title, command } = header;
    const about = { timestamp, title, command };
    write(JSON.stringify(
      version === 3
        ? { version, term: { cols, rows, type: term }, ...about }
        : { version, width: cols, height: rows, ...about, env: term && { TERM: term } },
    ));
    if (version === 3 && term === undefined) write("#n");
    return new CastWriter(
      { version, startMs, lastMs: startMs, leftMs: 0, stream: "stdout", rests: {} },
      write,
    );
  }

  /** What is needed to go on with it. */
  get state(): CastState {
    const rests = Object.entries(this.#decoders).map(([stream, { rest }]) => [stream, encodeBase64(rest)]);
    return {
      version: this.#version,
      startMs: this.#startMs,
      lastMs: this.#lastMs,
      leftMs: this.#leftMs,
      stream: this.#stream,
      rests: Object.fromEntries(rests),
    };
  }

  output(atMs: number, stream: StandardStream, bytes: Uint8Array): void {
    const whole = (this.#decoders[stream] ??= new WholeTextDecoder()).decode(bytes);
    if (whole) this.#output(atMs, stream, whole);
  }

  /**
   * What was typed.
   *
   * @param isSecret whether it is shown to nobody: then only how much it was stands in the recording
   */
  input(atMs: number, bytes: Uint8Array, isSecret = false): void {
    const text = this.#typed.decode(bytes, { stream: true });
    const shown = isSecret ? text.replaceAll(/[^\r\n]/gu, "•") : text;
    if (shown !== "") this.#event(atMs, "i", shown);
  }

  resize(atMs: number, { cols, rows }: TerminalSize): void {
    this.#event(atMs, "r", `${cols}x${rows}`);
  }

  /** What somebody who watches it should know, such as that output is missing. */
  marker(atMs: number, text: string): void {
    this.#event(atMs, "m", text);
  }

  /** Ends it. @param exitCode null where it is not known */
  end(atMs: number, exitCode: number | null): void {
    for (const [stream, decoder] of Object.entries(this.#decoders)) {
      const rest = decoder.end();
      if (rest) this.#output(atMs, stream as StandardStream, rest);
    }
    if (exitCode !== null && this.#version === 3) this.#event(atMs, "x", String(exitCode));
  }

  #output(atMs: number, stream: StandardStream, { bytes, text, isExact }: WholeText): void {
    if (stream !== "pty" && stream !== this.#stream) {
      this.#stream = stream;
      this.#comment(`#s ${stream}`);
    }
    if (!isExact) this.#comment(`#b ${encodeBase64(bytes)}`);
    this.#event(atMs, "o", stream === "pty" ? text : text.replaceAll("\n", "\r\n"));
  }

  #comment(line: string): void {
    if (this.#version === 3) this.#write(line);
  }

  #event(atMs: number, code: string, data: string): void {
    this.#write(`[${this.#time(atMs)}, "${code}", ${JSON.stringify(data)}]`);
  }

  /** Seconds since the event before, or in v2 since the beginning; no event is before another. */
  #time(atMs: number): string {
    const sinceLast = Math.max(0, atMs - this.#lastMs);
    this.#lastMs = Math.max(atMs, this.#lastMs);
    if (this.#version === 2) return ((this.#lastMs - this.#startMs) / 1000).toFixed(3);
    const exact = sinceLast + this.#leftMs;
    const rounded = Math.round(exact);
    this.#leftMs = exact - rounded;
    return (rounded / 1000).toFixed(3);
  }
}
