import { ByteQueue } from "./byte_queue.ts";
import { ARCHIVE_PIECE_BYTES } from "../../limits.ts";
import { decodeHeader, encodeHeader, endOfArchive, paddingOf } from "./tar_header.ts";

/** An archive whose root has a name, as other programs expect of one. */
export async function* renamed(
  archive: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const queue = new ByteQueue(archive);
  try {
    for (let entry = await decodeHeader(queue); entry; entry = await decodeHeader(queue)) {
      yield encodeHeader({ ...entry, path: entry.path === "" ? name : `${name}/${entry.path}` });
      let left = entry.size + paddingOf(entry.size);
      while (left > 0) {
        const bytes = await queue.some(Math.min(left, ARCHIVE_PIECE_BYTES));
        left -= bytes.length;
        yield bytes;
      }
    }
    yield endOfArchive;
  } finally {
    await queue.end();
  }
}
