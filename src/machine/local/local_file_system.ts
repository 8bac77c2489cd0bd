import { canonicalize } from "../../file_system/canonicalize.ts";
import { copy } from "../../file_system/copy.ts";
import { createDirectory } from "../../file_system/create_directory.ts";
import type { Disk } from "../../file_system/disk.ts";
import { FileHandles } from "../../file_system/file_handles.ts";
import { FileWatches } from "../../file_system/file_watches.ts";
import { getMetadata } from "../../file_system/metadata.ts";
import { nativePath } from "../../file_system/platform.ts";
import { hostOs } from "../../host/facts.ts";
import { MissingWatch } from "../../file_system/missing_watch.ts";
import { readDirectory } from "../../file_system/read_directory.ts";
import { readFile } from "../../file_system/read_file.ts";
import { remove } from "../../file_system/remove.ts";
import { walk } from "../../file_system/walk.ts";
import { writeFile } from "../../file_system/write_file.ts";
import { FILE_BLOCK_BYTES } from "../../limits.ts";
import { decodeParams } from "../../protocol/decode.ts";
import { readBlockParams, walkParams as walkSchema } from "../../protocol/schemas/file_system.ts";
import { ChangeQueue } from "../change_queue.ts";
import { checkWhole, directoryEntries, fileChanges, walkParams, walkResult } from "../file_answers.ts";
import { readFileStream, writeFileStream } from "../file_streams.ts";
import type {
  CopyOptions,
  CreateDirectoryOptions,
  DirectoryEntry,
  FileBlock,
  FileMetadata,
  FileMode,
  FileSystem,
  FileWatcher,
  LinkOptions,
  MissingPathsWatch,
  OpenFile,
  RemoveOptions,
  WalkOptions,
  WalkResult,
  WatchMissingOptions,
  WatchOptions,
} from "../file_system.ts";
import { pathOfUri, uriOfPath } from "../machine_path.ts";
import { MissingPaths } from "../missing_paths.ts";
import { bytesOf } from "../start_request.ts";

/** The files of this machine, with nothing in between. Disposing of it closes what is open and ends every watch. */
export class LocalFileSystem implements FileSystem, AsyncDisposable {
  readonly #disk: Disk;
  readonly #files: FileHandles;
  readonly #watches: FileWatches;
  readonly #queues = new Map<string, ChangeQueue>();
  readonly #missing = new MissingPaths();
  readonly #missingWatch: MissingWatch;
  #ids = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#files = new FileHandles(disk);
    this.#missingWatch = new MissingWatch(disk, (watchId) => this.#missing.fire(watchId));
    this.#watches = new FileWatches(disk, ({ watchId, changes, ended }) => {
      const queue = this.#queues.get(watchId);
      queue?.push(fileChanges(changes, hostOs));
      if (ended) queue?.end();
    });
  }

  async readFile(path: string, options?: LinkOptions): Promise<Uint8Array> {
    return await readFile(this.#disk, native(path), links(options));
  }

  async writeFile(path: string, data: Uint8Array | string, options: LinkOptions = {}): Promise<void> {
    const bytes = bytesOf(data);
    checkWhole(bytes, options);
    await writeFile(this.#disk, native(path), bytes, links(options));
  }

  async open(path: string, mode: FileMode = "read"): Promise<OpenFile> {
    const { handleId } = await this.#files.open(String(++this.#ids), native(path), mode);
    return new LocalFile(this.#files, handleId);
  }

  readStream(path: string): ReadableStream<Uint8Array> {
    return readFileStream(() => this.open(path));
  }

  writeStream(path: string): WritableStream<Uint8Array> {
    return writeFileStream(() => this.open(path, "replace"));
  }

  async createDirectory(path: string, options: CreateDirectoryOptions = {}): Promise<void> {
    const { recursive = true } = options;
    await createDirectory(this.#disk, native(path), { recursive, ...links(options) });
  }

  async metadata(path: string, options?: LinkOptions): Promise<FileMetadata> {
    return await getMetadata(this.#disk, native(path), links(options));
  }

  async canonicalize(path: string): Promise<string> {
    return pathOfUri((await canonicalize(this.#disk, native(path))).path, hostOs);
  }

  async readDirectory(path: string): Promise<DirectoryEntry[]> {
    return directoryEntries(await readDirectory(this.#disk, native(path)));
  }

  async walk(path: string, options?: WalkOptions): Promise<WalkResult> {
    const params = decodeParams(walkSchema, { path: uriOfPath(path, hostOs), options: walkParams(options) });
    return walkResult(await walk(this.#disk, nativePath(params.path), params.options), hostOs);
  }

  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    const { recursive = true, force = true } = options;
    await remove(this.#disk, native(path), { recursive, force, ...links(options) });
  }

  async copy(source: string, destination: string, { recursive = false }: CopyOptions = {}): Promise<void> {
    await copy(this.#disk, native(source), native(destination), { recursive });
  }

  async watch(path: string, { recursive = false }: WatchOptions = {}): Promise<FileWatcher> {
    const target = native(path);
    const watchId = String(++this.#ids);
    const queue = new ChangeQueue(target, () => {
      this.#queues.delete(watchId);
      this.#watches.unwatch(watchId);
    });
    this.#queues.set(watchId, queue);
    try {
      await this.#watches.watch(watchId, target, { recursive });
    } catch (error) {
      this.#queues.delete(watchId);
      throw error;
    }
    return queue;
  }

  async watchMissing(
    paths: readonly string[],
    { present }: WatchMissingOptions = {},
  ): Promise<MissingPathsWatch | undefined> {
    const request = {
      missing: paths.map((path) => uriOfPath(path, hostOs)),
      present: present === undefined ? undefined : uriOfPath(present, hostOs),
    };
    return await this.#missing.watch(
      async (watchId) => (await this.#missingWatch.watch({ watchId, ...request })).watching,
      (watchId) => void this.#missingWatch.watch({ watchId, missing: [] }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#missing.fire();
    this.#missingWatch[Symbol.dispose]();
    this.#watches[Symbol.dispose]();
    for (const queue of [...this.#queues.values()]) queue.end();
    await this.#files[Symbol.asyncDispose]();
  }
}

class LocalFile implements OpenFile {
  readonly #files: FileHandles;
  readonly #id: string;

  constructor(files: FileHandles, id: string) {
    this.#files = files;
    this.#id = id;
  }

  async read(offset: number, length: number = FILE_BLOCK_BYTES): Promise<FileBlock> {
    const params = decodeParams(readBlockParams, { handleId: this.#id, offset, len: length });
    const { chunk, eof } = await this.#files.readBlock(this.#id, params.offset, params.len);
    return { bytes: chunk, eof };
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#files.writeBlock(this.#id, offset, bytes);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#files.close(this.#id);
  }
}

/** By way of the URI, as for another machine: dot segments and what cannot be a path mean the same there and here. */
function native(path: string): string {
  return nativePath(uriOfPath(path, hostOs));
}

function links({ followSymlinks = true }: LinkOptions = {}): { followSymlinks: boolean } {
  return { followSymlinks };
}
