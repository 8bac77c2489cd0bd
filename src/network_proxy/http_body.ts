/** Passes bodies on as they are, and finds out where they end. */
import type { NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_CHUNK_LINE_BYTES } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";
import { pass } from "./relay.ts";
import { type Framing, HttpError } from "./http_message.ts";

/** What is written of a chunked body: as it is, or without its chunks. */
export type Chunks = "kept" | "taken off";

/**
 * Passes a body on at its reader's pace.
 *
 * @throws {Error} where either end breaks, or the body ends before it should
 */
export async function passBody(
  reader: ByteReader,
  target: NetworkConnection,
  framing: Framing,
  chunks: Chunks = "kept",
): Promise<void> {
  if (framing.kind === "chunked") return await passChunks(reader, target, chunks);
  const length = framing.kind === "length" ? framing.bytes : Infinity;
  let left = length;
  const read = async () => {
    const bytes = await reader.read();
    const mine = bytes && bytes.length > left ? bytes.subarray(0, left) : bytes;
    if (bytes && mine !== bytes) reader.putBack(bytes.subarray(left));
    left -= mine?.length ?? 0;
    return mine;
  };
  const passed = await pass(read, reader.connection, target, length);
  if (passed < length && framing.kind === "length") throw new HttpError("the body was cut short");
}

async function passChunks(reader: ByteReader, target: NetworkConnection, chunks: Chunks): Promise<void> {
  const scanner = new ChunkScanner();
  while (!scanner.isDone) {
    const bytes = await reader.read();
    if (!bytes) throw new HttpError("the body was cut short");
    const end = scanner.scan(bytes);
    reader.putBack(bytes.subarray(end));
    if (chunks === "kept") await target.write(bytes.subarray(0, end));
    else for (const piece of scanner.data.splice(0)) await target.write(piece);
    scanner.data.length = 0;
  }
}

/** Finds the end of a chunked body. */
export class ChunkScanner {
  /** The content of what was scanned last. */
  readonly data: Uint8Array[] = [];
  /** Whether the end was found. */
  isDone = false;
  #state: "size" | "data" | "data end" | "trailer" = "size";
  #line = "";
  #left = 0;
  #trailerBytes = 0;

  /**
   * Scans what comes next; returns where the body ends, or the length.
   *
   * @throws {HttpError} for what is no chunk
   */
  scan(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.isDone) {
      if (this.#state === "data") {
        const piece = bytes.subarray(at, at + this.#left);
        this.data.push(piece);
        this.#left -= piece.length;
        at += piece.length;
        if (this.#left === 0) this.#state = "data end";
      } else {
        at = this.#scanLine(bytes, at);
      }
    }
    return at;
  }

  #scanLine(bytes: Uint8Array, at: number): number {
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed;
    if (this.#line.length + end - at > NETWORK_PROXY_CHUNK_LINE_BYTES) {
      throw new HttpError("a chunk is too long");
    }
    this.#line += String.fromCharCode(...bytes.subarray(at, end));
    if (feed < 0) return end;
    if (!this.#line.endsWith("\r")) throw new HttpError("a line of a chunk does not end");
    this.#endLine(this.#line.slice(0, -1));
    this.#line = "";
    return feed + 1;
  }

  #endLine(line: string): void {
    if (this.#state === "data end") {
      if (line !== "") throw new HttpError("a chunk is longer than it says");
      this.#state = "size";
    } else if (this.#state === "size") {
      const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;[^\r]*)?$/.exec(line)?.[1];
      if (size === undefined) throw new HttpError("the size of a chunk is none");
      this.#left = parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > NETWORK_PROXY_CHUNK_LINE_BYTES) throw new HttpError("the trailer is too long");
      this.isDone = line === "";
    }
  }
}
