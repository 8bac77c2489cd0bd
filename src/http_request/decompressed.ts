import type { Transform } from "node:stream";
import type { ByteSource } from "./byte_source.ts";
import type { Turns } from "./turns.ts";

/** A decompressor of `node:zlib`. */
export type Decompressor = Transform & {
  /** Bytes it has made use of: it stops where what it decodes is at its end. */
  readonly bytesWritten: number;
};

/**
 * What a decompressor makes of the bytes it needs; those behind are left in the source.
 *
 * It holds as much as its buffer, whatever the bytes expand to: no more is decompressed than is taken.
 *
 * @param mayTake how many of these bytes may be decompressed; undefined behind the end. All of them by default
 * @throws what the decompressor throws, as for bytes that make no sense or end too early
 */
export async function* decompressed(
  source: ByteSource,
  decompressor: Decompressor,
  turns: Turns,
  mayTake?: (bytes: Uint8Array) => number | undefined,
): AsyncGenerator<Uint8Array> {
  const feeding = feed(source, decompressor, mayTake);
  // It is heard below: until then it must not count as unheard.
  feeding.catch(() => {});
  try {
    for await (const piece of decompressor) {
      yield piece as Uint8Array;
      await turns.next();
    }
    await feeding;
    await turns.next();
  } finally {
    decompressor.destroy();
  }
}

async function feed(
  source: ByteSource,
  decompressor: Decompressor,
  mayTake: (bytes: Uint8Array) => number | undefined = ({ length }) => length,
): Promise<void> {
  try {
    const ended = new Promise<void>((resolve) => {
      for (const event of ["end", "error", "close"]) decompressor.once(event, resolve);
    });
    let isOver = false;
    void ended.then(() => isOver = true);
    for (let fed = 0; !isOver;) {
      const piece = await source.next();
      if (!piece) break;
      const count = mayTake(piece);
      if (count === undefined) {
        source.putBack(piece);
        break;
      }
      const part = piece.subarray(0, count);
      fed += part.length;
      // One piece at a time: what is not made use of is in the last one.
      await Promise.race([ended, new Promise((resolve) => decompressor.write(part, resolve))]);
      const unused = fed - decompressor.bytesWritten;
      source.putBack(piece.subarray(count - unused));
      if (unused > 0) break;
    }
    decompressor.end();
  } catch (error) {
    decompressor.destroy(error as Error);
  }
}
