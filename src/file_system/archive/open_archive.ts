import type { Disk } from "../disk.ts";
import type { Blocks } from "../file_handles.ts";
import { ArchiveReader, ArchiveWriter } from "./archive_blocks.ts";
import { pack, type PackOptions } from "./pack.ts";
import { unpack } from "./unpack.ts";

/** Opens a tree to read as an archive, in blocks. @throws {Error} the operating system's, for a root that is not there */
export async function openPack(disk: Disk, root: string, options: PackOptions): Promise<Blocks> {
  await disk.stat(root);
  return new ArchiveReader(pack(disk, root, options));
}

/** Opens a place to write an archive to, in blocks. */
export function openUnpack(disk: Disk, root: string): Promise<Blocks> {
  return Promise.resolve(new ArchiveWriter((pieces) => unpack(disk, root, pieces)));
}
