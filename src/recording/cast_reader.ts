import { decodeBase64 } from "../protocol/base64.ts";
import type { OutputStream, TerminalSize } from "../protocol/schemas/process.ts";

/** What a recording tells, in its order. `atMs` are milliseconds since its beginning. */
export type CastEvent =
  | {
    readonly kind: "header";
    readonly size: TerminalSize;
    readonly title?: string;
    readonly command?: string;
  }
  | {
    readonly kind: "output";
    readonly atMs: number;
    readonly stream: OutputStream;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "resize"; readonly atMs: number; readonly size: TerminalSize }
  | { readonly kind: "marker"; readonly atMs: number; readonly text: string }
  | { readonly kind: "exit"; readonly atMs: number; readonly exitCode: number };

/** A recording that cannot be read, and the line where that shows. */
export class CastError extends Error {
  override name = "CastError";

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
  }
}

/** Reads recordings, asciicast v2 and v3, line by line. Events of kinds that it does not know are left out. */
export class CastReader {
  #line = 0;
  #version: 2 | 3 | undefined;
  #isTerminal = false;
  #atMs = 0;
  #stream: OutputStream = "stdout";
  /** Whether a return stands before every newline that the process did not write. */
  #hasReturns = false;
  /** What the next output really was. */
  #bytes: Uint8Array | undefined;

  /**
   * @returns what a line tells, or undefined where that is nothing
   * @throws {CastError} for a line that is none of a recording
   */
  read(line: string): CastEvent | undefined {
    this.#line++;
    if (line.trim() === "") return undefined;
    if (this.#version === undefined) return this.#header(this.#json(line));
    if (line.startsWith("#")) return void this.#comment(line);
    const event = this.#json(line);
    if (!Array.isArray(event) || typeof event[0] !== "number" || typeof event[2] !== "string") {
      throw this.#error("an event is a list of a time, a kind and a text");
    }
    const [seconds, code, data] = event as [number, string, string];
    this.#atMs = this.#version === 3 ? this.#atMs + seconds * 1000 : seconds * 1000;
    return this.#event(code, data);
  }

  #event(code: string, data: string): CastEvent | undefined {
    const atMs = this.#atMs;
    switch (code) {
      case "o": {
        const text = this.#hasReturns ? data.replaceAll("\r\n", "\n") : data;
        const bytes = this.#bytes ?? new TextEncoder().encode(text);
        this.#bytes = undefined;
        return { kind: "output", atMs, stream: this.#isTerminal ? "pty" : this.#stream, bytes };
      }
      case "r": {
        const [, cols, rows] = /^(\d+)x(\d+)$/.exec(data) ?? [];
        return cols === undefined
          ? undefined
          : { kind: "resize", atMs, size: { cols: Number(cols), rows: Number(rows) } };
      }
      case "m":
        return { kind: "marker", atMs, text: data };
      case "x":
        return { kind: "exit", atMs, exitCode: Number(data) };
    }
  }

  // deno-lint-ignore no-explicit-any
  #header(header: any): CastEvent {
    const { version, term, width, height, title, command } = header ?? {};
    if (version !== 2 && version !== 3) throw this.#error("this is no recording in asciicast v2 or v3");
    this.#version = version;
    const size = { cols: Number(term?.cols ?? width), rows: Number(term?.rows ?? height) };
    if (!(size.cols > 0 && size.rows > 0)) throw this.#error("the header has no size");
    this.#isTerminal = term?.type !== undefined;
    return { kind: "header", size, ...title && { title }, ...command && { command } };
  }

  #comment(line: string): void {
    if (line === "#n") this.#hasReturns = true;
    const [, kind, text] = /^#([bs]) (\S*)$/.exec(line) ?? [];
    if (kind === "s" && (text === "stdout" || text === "stderr")) this.#stream = text;
    if (kind === "b") this.#bytes = decodeBase64(text!);
  }

  #json(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw this.#error("this is no JSON");
    }
  }

  #error(reason: string): CastError {
    return new CastError(this.#line, reason);
  }
}
