import type { OutputStream, TerminalSize } from "../protocol/schemas/process.ts";
import { encodeBase64 } from "../protocol/base64.ts";
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

/**
 * Writes a recording as asciicast v3: lines of JSON, each event with the seconds since the one before. It is exact to the
 * byte: a stretch that is no UTF-8 stands in a comment before its event, `#b BASE64`, and a change of stream in `#s stderr`.
 * Every player leaves comments out.
 *
 * Times are milliseconds of one clock.
 */
export class CastWriter {
  readonly #write: (line: string) => void;
  readonly #decoders: Partial<Record<OutputStream, WholeTextDecoder>> = {};
  #lastMs: number;
  /** What rounding has left over, in milliseconds, so that times do not drift. */
  #leftMs = 0;
  #stream: OutputStream = "stdout";

  /** @param write takes one line, without its end */
  constructor(header: CastHeader, startMs: number, write: (line: string) => void) {
    this.#write = write;
    this.#lastMs = startMs;
    const { size, term, timestamp, title, command } = header;
    write(JSON.stringify({
      version: 3,
      term: { cols: size.cols, rows: size.rows, type: term },
      timestamp,
      title,
      command,
    }));
  }

  output(atMs: number, stream: OutputStream, bytes: Uint8Array): void {
    const whole = (this.#decoders[stream] ??= new WholeTextDecoder()).decode(bytes);
    if (whole) this.#output(atMs, stream, whole);
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
      if (rest) this.#output(atMs, stream as OutputStream, rest);
    }
    if (exitCode !== null) this.#event(atMs, "x", String(exitCode));
  }

  #output(atMs: number, stream: OutputStream, { bytes, text, isExact }: WholeText): void {
    if (stream !== "pty" && stream !== this.#stream) this.#write(`#s ${this.#stream = stream}`);
    if (!isExact) this.#write(`#b ${encodeBase64(bytes)}`);
    this.#event(atMs, "o", text);
  }

  #event(atMs: number, code: string, data: string): void {
    const exact = Math.max(0, atMs - this.#lastMs) + this.#leftMs;
    const rounded = Math.round(exact);
    this.#leftMs = exact - rounded;
    this.#lastMs = Math.max(atMs, this.#lastMs);
    this.#write(`[${(rounded / 1000).toFixed(3)}, "${code}", ${JSON.stringify(data)}]`);
  }
}
