import { pack } from "../../file_system/archive/pack.ts";
import { unpack } from "../../file_system/archive/unpack.ts";
import { copy } from "../../file_system/copy.ts";
import { createDirectory } from "../../file_system/create_directory.ts";
import type { Disk } from "../../file_system/disk.ts";
import { FileHandles } from "../../file_system/file_handles.ts";
import { FileWatches } from "../../file_system/file_watches.ts";
import { getMetadata } from "../../file_system/metadata.ts";
import { MissingWatch } from "../../file_system/missing_watch.ts";
import { readDirectory } from "../../file_system/read_directory.ts";
import { readFile } from "../../file_system/read_file.ts";
import { remove } from "../../file_system/remove.ts";
import { walk } from "../../file_system/walk.ts";
import { writeFile } from "../../file_system/write_file.ts";
import { hostOs } from "../../host/facts.ts";
import { FILE_BLOCK_BYTES } from "../../limits.ts";
import { ChangeQueue } from "../change_queue.ts";
import { checkWhole, readFileStream, writeFileStream } from "../file_streams.ts";
import type {
  CopyOptions,
  CreateDirectoryOptions,
  DirectoryEntry,
  FileBlock,
  FileMetadata,
  FileMode,
  FileWatcher,
  LinkOptions,
  MissingPathsWatch,
  OpenFile,
  PackOptions,
  RemoveOptions,
  WalkOptions,
  WalkResult,
  WatchMissingOptions,
  WatchOptions,
  WriteOptions,
} from "../file_system.ts";
import { pathOfUri, uriOfPath } from "../machine_path.ts";
import { Files } from "../files.ts";
import { checkMode } from "../file_mode.ts";
import { MissingPaths } from "../missing_paths.ts";
import { failingAlike, ServerError } from "../machine_error.ts";
import { bytesOf } from "../start_request.ts";
import { streamOf } from "./stream_of.ts";
import { transfersOf } from "./transfer.ts";

/** The files of this machine, with nothing in between. Disposing of it closes what is open and ends every watch. */
export class LocalFileSystem extends Files implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #files: FileHandles;
  readonly #watches: FileWatches;
  readonly #queues = new Set<ChangeQueue>();
  readonly #missing = new MissingPaths();
  readonly #missingWatch: MissingWatch;
  #ids = 0;

  constructor(disk: Disk) {
    super(transfersOf(() => this));
    this.#disk = disk;
    this.#files = new FileHandles(disk);
    this.#missingWatch = new MissingWatch(disk, (watchId) => this.#missing.fire(watchId));
    this.#watches = new FileWatches(disk);
  }

  readFile(path: string, options?: LinkOptions): Promise<Uint8Array> {
    return failingAlike(() => readFile(this.#disk, native(path), options));
  }

  writeFile(path: string, data: Uint8Array | string, options: WriteOptions = {}): Promise<void> {
    return failingAlike(async () => {
      const bytes = bytesOf(data);
      checkWhole(bytes, options);
      await writeFile(this.#disk, native(path), bytes, options);
    });
  }

  open(path: string, mode: FileMode = "read"): Promise<OpenFile> {
    return failingAlike(async () => {
      const id = String(++this.#ids);
      await this.#files.open(id, native(path), mode);
      return new LocalFile(this.#files, id);
    });
  }

  readStream(path: string): ReadableStream<Uint8Array> {
    return readFileStream(() => this.open(path));
  }

  writeStream(path: string): WritableStream<Uint8Array> {
    return writeFileStream(() => this.open(path, "replace"));
  }

  createDirectory(path: string, options?: CreateDirectoryOptions): Promise<void> {
    return failingAlike(() => createDirectory(this.#disk, native(path), options));
  }

  stat(path: string, options?: LinkOptions): Promise<FileMetadata> {
    return failingAlike(() => getMetadata(this.#disk, native(path), { ...options, tellMode: true }));
  }

  canonicalize(path: string): Promise<string> {
    return failingAlike(() => this.#disk.realpath(native(path)));
  }

  readDirectory(path: string): Promise<DirectoryEntry[]> {
    return failingAlike(() => readDirectory(this.#disk, native(path)));
  }

  walk(path: string, options?: WalkOptions): Promise<WalkResult> {
    return failingAlike(() => walk(this.#disk, native(path), options));
  }

  rename(from: string, to: string): Promise<void> {
    return failingAlike(() => this.#disk.rename(native(from), native(to)));
  }

  chmod(path: string, mode: number): Promise<void> {
    return failingAlike(() => this.#disk.chmod(native(path), checkMode(mode)));
  }

  remove(path: string, options: RemoveOptions = {}): Promise<void> {
    const { recursive = false } = options;
    return failingAlike(() => remove(this.#disk, native(path), { ...options, recursive }));
  }

  pack(path: string, options?: PackOptions): ReadableStream<Uint8Array> {
    return streamOf(() => pack(this.#disk, native(path), options));
  }

  unpack(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    return failingAlike(() => unpack(this.#disk, native(path), archive));
  }

  copy(source: string, destination: string, options?: CopyOptions): Promise<void> {
    return failingAlike(() => copy(this.#disk, native(source), native(destination), options));
  }

  watch(path: string, options: WatchOptions = {}): Promise<FileWatcher> {
    return failingAlike(async () => {
      const target = native(path);
      const watchId = String(++this.#ids);
      const queue = new ChangeQueue(target, () => {
        this.#queues.delete(queue);
        this.#watches.unwatch(watchId);
      });
      this.#queues.add(queue);
      try {
        await this.#watches.watch(watchId, target, options, ({ changes, ended }) => {
          queue.push(changes);
          if (ended) queue.end();
        });
      } catch (error) {
        this.#queues.delete(queue);
        throw error;
      }
      return queue;
    });
  }

  watchMissing(
    paths: readonly string[],
    { present }: WatchMissingOptions = {},
  ): Promise<MissingPathsWatch | undefined> {
    return failingAlike(() => {
      const request = {
        missing: paths.map(nativeIfAny),
        ...present === undefined ? {} : { present: nativeIfAny(present) },
      };
      return this.#missing.watch(
        (watchId) => this.#missingWatch.watch({ watchId, ...request }),
        (watchId) => this.#missingWatch.watch({ watchId, missing: [] }),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#missing.fire();
    this.#missingWatch[Symbol.dispose]();
    this.#watches[Symbol.dispose]();
    for (const queue of [...this.#queues]) queue.end();
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

  read(offset: number, length: number = FILE_BLOCK_BYTES): Promise<FileBlock> {
    return failingAlike(() => this.#files.readBlock(this.#id, offset, length));
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return failingAlike(() => this.#files.writeBlock(this.#id, offset, bytes));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#files.close(this.#id);
  }
}

/** By way of the URI, as for another machine: dot segments and what cannot be a path mean the same there and here. */
function native(path: string): string {
  return pathOfUri(uriOfPath(path, hostOs), hostOs);
}

/**
 * The same, or null for what can be no path of this machine.
 *
 * @throws {ServerError} EINVAL for what is no absolute path at all
 */
function nativeIfAny(path: string): string | null {
  try {
    return native(path);
  } catch (error) {
    if (error instanceof ServerError && error.code === "EINVAL") throw error;
    return null;
  }
}
