import { HTTP_HEADER_BYTES } from "../limits.ts";
import { brokenOff } from "./body_error.ts";
import type { ByteSource } from "./byte_source.ts";

/**
 * A body in chunks (RFC 9112, section 7.1), each with its length before it.
 *
 * Chunks that came together are handed on together: a peer that makes them a byte long makes no more pieces than it
 * sends packets.
 */
export async function* chunkedBody(source: ByteSource): AsyncGenerator<Uint8Array> {
  const chunks = new ChunkReader();
  while (!chunks.isOver) {
    const piece = await source.next();
    if (!piece) throw brokenOff();
    const data = chunks.read(piece);
    if (data.length > 0) yield data;
    if (chunks.failure) throw chunks.failure;
  }
}

/** What the next byte belongs to. */
type Place = "size" | "after size" | "extension" | "size LF" | "data" | "data CR" | "data LF" | Trailer;
/** The lines behind the last chunk, which nobody asks for. */
type Trailer = "trailer start" | "trailer" | "last LF" | "over";

/** Takes the lengths out of the bytes of a chunked body. */
class ChunkReader {
  #place: Place = "size";
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  #sizeDigits = 0;
  /** Bytes that are neither data nor needed, in a row: somebody may send them without end. */
  #idle = 0;
  /** Why nothing behind the last data makes sense, once it does not. */
  failure: Error | undefined;

  get isOver(): boolean {
    return this.#place === "over";
  }

  /** The data in some bytes. They may be written over. */
  read(bytes: Uint8Array): Uint8Array {
    let length = 0;
    for (let at = 0; at < bytes.length && !this.isOver;) {
      if (this.#place !== "data") {
        try {
          this.#step(bytes[at++]!);
        } catch (error) {
          this.failure = error as Error;
          break;
        }
        continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      bytes.copyWithin(length, at, end);
      length += end - at;
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#place = "data CR";
    }
    return bytes.subarray(0, length);
  }

  #step(byte: number): void {
    switch (this.#place) {
      case "size": {
        const digit = hexDigit(byte);
        if (digit !== undefined && this.#sizeDigits < MAX_SIZE_DIGITS) {
          this.#sizeDigits++;
          this.#left = this.#left * 16 + digit;
          return;
        }
        if (this.#sizeDigits === 0 || digit !== undefined) throw invalid("size");
        return this.#afterSize(byte);
      }
      case "after size":
        return this.#afterSize(byte);
      case "extension":
        if (byte === LF) throw invalid("extension");
        if (byte === CR) this.#place = "size LF";
        return this.#idleAway();
      case "size LF":
        this.#expect(byte, LF, this.#left > 0 ? "data" : "trailer start");
        this.#sizeDigits = 0;
        return;
      case "data CR":
        return this.#expect(byte, CR, "data LF");
      case "data LF":
        this.#expect(byte, LF, "size");
        this.#idle = 0;
        return;
      case "trailer start":
        this.#place = byte === CR ? "last LF" : "trailer";
        return this.#idleAway();
      case "trailer":
        if (byte === LF) this.#place = "trailer start";
        return this.#idleAway();
      case "last LF":
        return this.#expect(byte, LF, "over");
    }
  }

  #afterSize(byte: number): void {
    if (byte === CR) this.#place = "size LF";
    else if (byte === SEMICOLON) this.#place = "extension";
    else if (byte === SPACE || byte === TAB) this.#place = "after size";
    else throw invalid("size");
    this.#idleAway();
  }

  #expect(byte: number, expected: number, place: Place): void {
    if (byte !== expected) throw invalid("end");
    this.#place = place;
  }

  #idleAway(): void {
    if (++this.#idle > HTTP_HEADER_BYTES) throw invalid("extension or trailer: it has no end");
  }
}

/** Thirteen hex digits are as many bytes as a number holds exactly. */
const MAX_SIZE_DIGITS = 13;
const CR = 0x0d, LF = 0x0a, SPACE = 0x20, TAB = 0x09, SEMICOLON = 0x3b;

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

function invalid(what: string): Error {
  return new Error(`the body has a chunk with an invalid ${what}`);
}
