import { concat } from "../std/bytes/concat.ts";
import { CLIENT_FILE_BYTES, FILE_BLOCK_BYTES, FILE_READ_AHEAD_BLOCKS, FILE_READ_BYTES } from "../limits.ts";
import type { FileBlock, LinkOptions, OpenFile } from "./file_system.ts";
import { refusedError } from "./machine_error.ts";

/** The bytes of a file that `open` opens at the first read; some blocks are asked for ahead of the reader. */
export function readFileStream(open: () => Promise<OpenFile>): ReadableStream<Uint8Array> {
  let file: OpenFile | undefined;
  let offset = 0;
  const ahead: Promise<FileBlock>[] = [];
  const close = async () => {
    // Reads on the way are nobody's any more, but they come before the end.
    await Promise.allSettled(ahead.splice(0));
    await file?.[Symbol.asyncDispose]();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        file ??= await open();
        while (ahead.length < FILE_READ_AHEAD_BLOCKS) {
          const read = file.read(offset);
          read.catch(() => {});
          ahead.push(read);
          offset += FILE_BLOCK_BYTES;
        }
        const { bytes, eof } = await ahead.shift()!;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (!eof) return;
        await close();
        controller.close();
      } catch (error) {
        await close();
        throw error;
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

/** Writes what comes to a file that `open` opens at once. */
export function writeFileStream(open: () => Promise<OpenFile>): WritableStream<Uint8Array> {
  let file: OpenFile | undefined;
  let offset = 0;
  return new WritableStream<Uint8Array>({
    async start() {
      file = await open();
    },
    async write(bytes) {
      try {
        offset += await writeBlocks(file!, offset, bytes);
      } catch (error) {
        await file![Symbol.asyncDispose]();
        throw error;
      }
    },
    close: () => file![Symbol.asyncDispose](),
    abort: () => file?.[Symbol.asyncDispose](),
  });
}

/** Writes bytes of any number at an offset. @returns how many they were */
export async function writeBlocks(file: OpenFile, offset: number, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.length; at += FILE_BLOCK_BYTES) {
    await file.write(offset + at, bytes.subarray(at, at + FILE_BLOCK_BYTES));
  }
  return bytes.length;
}

/** A whole file by its stream. */
export async function gather(stream: ReadableStream<Uint8Array>, sizeGuess: number): Promise<Uint8Array> {
  let bytes = new Uint8Array(sizeGuess);
  let used = 0;
  for await (const part of stream) {
    if (used + part.length > FILE_READ_BYTES) {
      throw new Error(`The file is larger than ${FILE_READ_BYTES} bytes`);
    }
    if (used + part.length > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, used + part.length));
      larger.set(bytes.subarray(0, used));
      bytes = larger;
    }
    bytes.set(part, used);
    used += part.length;
  }
  return bytes.subarray(0, used);
}

/**
 * Refuses what no server takes in one message where it cannot go in parts: a file stream follows links.
 *
 * @throws {ServerError} EREFUSED
 */
export function checkWhole(bytes: Uint8Array, { followSymlinks }: LinkOptions): void {
  if (followSymlinks !== false || bytes.length <= CLIENT_FILE_BYTES) return;
  throw refusedError(`At most ${CLIENT_FILE_BYTES} bytes can be written with followSymlinks: false`);
}

/** Writes pieces of any size one behind the other, gathered into blocks. */
export async function writeInBlocks(file: OpenFile, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let offset = 0;
  const flush = async () => {
    const all = gathered.length === 1 ? gathered[0]! : concat(gathered);
    offset += await writeBlocks(file, offset, all);
    [gathered, bytes] = [[], 0];
  };
  for await (const piece of pieces) {
    gathered.push(piece);
    bytes += piece.length;
    if (bytes >= FILE_BLOCK_BYTES) await flush();
  }
  if (bytes > 0) await flush();
}
