import type { ExecServerClient } from "../../../client/client.ts";

/** Bytes of one block. */
const blockBytes = 1024 * 1024;

/** The beginning of a file, and whether there is more of it. */
export interface Beginning {
  readonly blocks: Uint8Array[];
  readonly isCut: boolean;
}

/** The first bytes of a file, or all of them. @throws {RpcError} as `fs/open` and `fs/readBlock` do */
export async function readBeginning(
  client: ExecServerClient,
  path: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Beginning> {
  const handleId = crypto.randomUUID().replaceAll("-", "");
  await client.call("fs/open", { handleId, path });
  try {
    const blocks: Uint8Array[] = [];
    for (let offset = 0; offset < maxBytes;) {
      signal?.throwIfAborted();
      const len = Math.min(blockBytes, maxBytes - offset);
      const { chunk, eof } = await client.call("fs/readBlock", { handleId, offset, len });
      blocks.push(chunk);
      offset += chunk.length;
      if (eof) return { blocks, isCut: false };
    }
    const { chunk } = await client.call("fs/readBlock", { handleId, offset: maxBytes, len: 1 });
    return { blocks, isCut: chunk.length > 0 };
  } finally {
    await client.call("fs/close", { handleId }).catch(() => {});
  }
}
