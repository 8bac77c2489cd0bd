import { isAbsolute, join } from "node:path";
import { workingDirectory } from "../../host/working_directory.ts";
import { type ArchiveEntry, type HeldFile, wholeSizeOf } from "../../file_system/archive/archive_entry.ts";
import { ByteQueue } from "../../file_system/archive/byte_queue.ts";
import { observed } from "../../file_system/archive/observed.ts";
import { decodeHeader } from "../../file_system/archive/tar_header.ts";
import { TRANSFER_ATTEMPTS } from "../../limits.ts";
import { ConnectionError } from "../../transport/transport.ts";
import type { FileSystem, TransferOptions } from "../file_system.ts";
import type { Transfers } from "../files.ts";
import { oneByOne, takesNoArchives } from "./one_by_one.ts";
import { NotFoundError } from "../machine_error.ts";
import type { TransferEnd } from "./transfer_end.ts";

export type { TransferEnd };

/**
 * Copies a file or a directory with all that is in it from one machine to another, as one stream. When a connection is lost
 * and comes back, it goes on from where it was.
 *
 * @throws {NotFoundError} where there is nothing to copy
 * @throws {ConnectionError} when a machine is lost, or its connection again and again
 */
export async function transfer(
  from: TransferEnd,
  to: TransferEnd,
  options: TransferOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    await inOneStream(from, to, options);
  } catch (error) {
    if (!takesNoArchives(error)) throw error;
    options.onFileByFile?.();
    await oneByOne(from, to, options);
  }
}

async function inOneStream(from: TransferEnd, to: TransferEnd, options: TransferOptions): Promise<void> {
  const { exclude, resume = false, onProgress, signal } = options;
  const sum = { files: 0, bytes: 0 };
  if (onProgress) {
    for await (const entry of listed(from, exclude)) {
      if (entry.kind !== "file") continue;
      sum.files++;
      sum.bytes += wholeSizeOf(entry);
    }
  }
  for (let attempt = 1;; attempt++) {
    const have = resume || attempt > 1 ? await heldBy(to) : [];
    const progress = new Progress(sum, onProgress);
    try {
      const archive = from.files.pack(from.path, { exclude, have });
      return await to.files.unpack(to.path, observed(archive, progress, signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ConnectionError) || attempt === TRANSFER_ATTEMPTS) throw error;
    }
  }
}

/** Transfers of this machine's files. */
export function transfersOf(here: () => FileSystem): Transfers {
  return {
    upload: (files, local, remote, options) =>
      transfer({ files: here(), path: localPath(local) }, { files, path: remote }, options),
    download: (files, remote, local, options) =>
      transfer({ files, path: remote }, { files: here(), path: localPath(local) }, options),
  };
}

/** A path of this machine, which may begin at this program's directory. */
function localPath(path: string): string {
  if (typeof path !== "string") {
    throw new TypeError(`The local path must be a string, not ${JSON.stringify(path)}`);
  }
  return /^file:/i.test(path) || isAbsolute(path) ? path : join(workingDirectory(), path);
}

/** What is at an end, without its bytes. */
async function* listed(
  { files, path }: TransferEnd,
  exclude?: readonly string[],
): AsyncGenerator<ArchiveEntry> {
  const queue = new ByteQueue(files.pack(path, { exclude, listOnly: true }));
  try {
    for (let entry = await decodeHeader(queue); entry; entry = await decodeHeader(queue)) yield entry;
  } finally {
    await queue.end();
  }
}

async function heldBy(end: TransferEnd): Promise<HeldFile[]> {
  const held: HeldFile[] = [];
  try {
    for await (const entry of listed(end)) {
      const { path, modifiedAtMs } = entry;
      if (entry.kind === "file") held.push({ path, size: wholeSizeOf(entry), modifiedAtMs });
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return held;
}

/** Counts what goes by, and tells it. */
class Progress {
  readonly #sum: { readonly files: number; readonly bytes: number };
  readonly #tell: TransferOptions["onProgress"];
  #files = 0;
  #bytes = 0;
  #path = "";

  constructor(
    sum: { readonly files: number; readonly bytes: number },
    tell: TransferOptions["onProgress"],
  ) {
    this.#sum = sum;
    this.#tell = tell;
  }

  onEntry({ kind, path, offset = 0 }: ArchiveEntry): void {
    if (kind !== "file") return;
    this.#files++;
    this.#bytes += offset;
    this.#path = path;
  }

  onBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Once for each piece that goes by. */
  tell(): void {
    this.#tell?.({
      path: this.#path,
      files: this.#files,
      bytes: this.#bytes,
      totalFiles: this.#sum.files,
      totalBytes: this.#sum.bytes,
    });
  }
}
