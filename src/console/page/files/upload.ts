import type { ExecServerClient } from "../../../client/client.ts";
import { below } from "./paths.ts";

/** How an upload is watched and broken off. */
export interface UploadOptions {
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Bytes of one block, and how many are on their way at once. */
const blockBytes = 1024 * 1024;
const blocksUnderWay = 4;

/**
 * Copies a file from the browser into a directory, block by block. It has its name when it is complete: until then another
 * one, which is removed where it does not come to that.
 *
 * @throws {RpcError} what the server says
 */
export async function upload(
  client: ExecServerClient,
  file: File,
  directory: string,
  options: UploadOptions,
): Promise<void> {
  const path = below(directory, partName(file.name));
  const handleId = crypto.randomUUID().replaceAll("-", "");
  await client.call("fs/open", { handleId, path, mode: "replace" });
  try {
    await writeBlocks(client, handleId, file, options);
    await client.call("fs/close", { handleId });
    await client.call("fs/rename", { sourcePath: path, destinationPath: below(directory, file.name) });
  } catch (error) {
    await client.call("fs/close", { handleId }).catch(() => {});
    await client.call("fs/remove", { path, recursive: false }).catch(() => {});
    throw error;
  }
}

async function writeBlocks(
  client: ExecServerClient,
  handleId: string,
  file: Blob,
  { onProgress, signal }: UploadOptions,
): Promise<void> {
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < file.size) {
      signal.throwIfAborted();
      const offset = next;
      next += blockBytes;
      const chunk = new Uint8Array(await file.slice(offset, offset + blockBytes).arrayBuffer());
      await client.call("fs/writeBlock", { handleId, offset, chunk });
      onProgress(done += chunk.length);
    }
  };
  await Promise.all(Array.from({ length: blocksUnderWay }, work));
}

/** A name beside the one that the file gets. Names have 255 bytes at the most. */
function partName(name: string): string {
  return `.${[...name].slice(0, 40).join("")}.${crypto.randomUUID().slice(0, 8)}.part`;
}
