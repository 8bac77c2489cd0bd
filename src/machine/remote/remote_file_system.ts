import type { ExecServerClient } from "../../client/client.ts";
import type { ConnectionState } from "../../client/connection_state.ts";
import { ConnectionError } from "../../transport/transport.ts";
import { CLIENT_FILE_BYTES, FILE_BLOCK_BYTES, FILE_READ_BYTES, TERMINATED_MS } from "../../limits.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { ParamsSent } from "../../protocol/methods.ts";
import { ChangeQueue } from "../change_queue.ts";
import { checkWhole, gather, readFileStream, writeBlocks, writeFileStream } from "../file_streams.ts";
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
import { AlikeClient } from "./alike_client.ts";
import { directoryEntries, fileChanges, walkParams, walkResult } from "./file_answers.ts";

/** A watch, and what it takes to begin it again on another connection. */
interface Watch {
  readonly queue: ChangeQueue;
  readonly path: string;
  readonly params: ParamsSent<"fs/watch">;
  /** Whether the server has it. */
  open: boolean;
}

/**
 * The files of a server. Open files are lost with a connection; watches are begun again, and tell to look again. The
 * client is the caller's to close.
 */
export class RemoteFileSystem implements FileSystem, AsyncDisposable {
  readonly #client: AlikeClient;
  readonly #os: PlatformOs;
  readonly #files = new Set<RemoteFile>();
  readonly #watches = new Map<string, Watch>();
  readonly #missing = new MissingPaths();
  readonly #stopListening: readonly (() => void)[];

  constructor(client: ExecServerClient) {
    this.#client = new AlikeClient(client);
    this.#os = (client.environmentInfo.platformOs ?? "linux") as PlatformOs;
    this.#stopListening = [
      client.listenConnection((state) => this.#follow(state)),
      client.listen("fs/changed", ({ watchId, changes, ended }) => {
        const queue = this.#watches.get(watchId)?.queue;
        queue?.push(fileChanges(changes, this.#os));
        if (ended) queue?.end();
      }),
      client.listen("fs/missingChanged", ({ watchId }) => this.#missing.fire(watchId)),
    ];
  }

  async readFile(path: string, options: LinkOptions = {}): Promise<Uint8Array> {
    const params = { path: this.#uri(path), ...options };
    if (options.followSymlinks !== false) {
      // A failure comes again, in the words of the call that was meant.
      const { size } = await this.#client.call("fs/getMetadata", params).catch(() => ({ size: 0 }));
      if (size > CLIENT_FILE_BYTES && size <= FILE_READ_BYTES) {
        return await gather(this.readStream(path), size);
      }
    }
    return (await this.#client.call("fs/readFile", params)).dataBase64;
  }

  async writeFile(path: string, data: Uint8Array | string, options: LinkOptions = {}): Promise<void> {
    const bytes = bytesOf(data);
    checkWhole(bytes, options);
    if (bytes.length <= CLIENT_FILE_BYTES) {
      const params = { path: this.#uri(path), dataBase64: bytes, ...options };
      await this.#client.call("fs/writeFile", params);
      return;
    }
    await using file = await this.open(path, "replace");
    await writeBlocks(file, 0, bytes);
  }

  async open(path: string, mode: FileMode = "read"): Promise<OpenFile> {
    const handleId = crypto.randomUUID().replaceAll("-", "");
    const file = new RemoteFile(this.#client, handleId, path, () => this.#files.delete(file));
    // Before the answer: what is lost in between is lost, too.
    this.#files.add(file);
    try {
      await this.#client.call("fs/open", { handleId, path: this.#uri(path), mode });
    } catch (error) {
      this.#files.delete(file);
      throw error;
    }
    return file;
  }

  readStream(path: string): ReadableStream<Uint8Array> {
    return readFileStream(() => this.open(path));
  }

  writeStream(path: string): WritableStream<Uint8Array> {
    return writeFileStream(() => this.open(path, "replace"));
  }

  async createDirectory(path: string, options: CreateDirectoryOptions = {}): Promise<void> {
    await this.#client.call("fs/createDirectory", { path: this.#uri(path), ...options });
  }

  async metadata(path: string, options: LinkOptions = {}): Promise<FileMetadata> {
    return await this.#client.call("fs/getMetadata", { path: this.#uri(path), ...options });
  }

  async canonicalize(path: string): Promise<string> {
    const answer = await this.#client.call("fs/canonicalize", { path: this.#uri(path) });
    return pathOfUri(answer.path, this.#os);
  }

  async readDirectory(path: string): Promise<DirectoryEntry[]> {
    return directoryEntries(await this.#client.call("fs/readDirectory", { path: this.#uri(path) }));
  }

  async walk(path: string, options?: WalkOptions): Promise<WalkResult> {
    const params = { path: this.#uri(path), options: walkParams(options) };
    return walkResult(await this.#client.call("fs/walk", params), this.#os);
  }

  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    await this.#client.call("fs/remove", { path: this.#uri(path), ...options });
  }

  async copy(source: string, destination: string, { recursive = false }: CopyOptions = {}): Promise<void> {
    const params = { sourcePath: this.#uri(source), destinationPath: this.#uri(destination), recursive };
    await this.#client.call("fs/copy", params);
  }

  async watch(path: string, { recursive = false }: WatchOptions = {}): Promise<FileWatcher> {
    const watchId = crypto.randomUUID().replaceAll("-", "");
    const uri = this.#uri(path);
    const native = pathOfUri(uri, this.#os);
    const queue = new ChangeQueue(native, () => {
      this.#watches.delete(watchId);
      this.#client.call("fs/unwatch", { watchId }).catch(() => {});
    });
    const watch: Watch = { queue, path: native, params: { watchId, path: uri, recursive }, open: false };
    // Before the answer, which the first change may overtake.
    this.#watches.set(watchId, watch);
    try {
      await this.#client.call("fs/watch", watch.params);
      watch.open = true;
    } catch (error) {
      this.#watches.delete(watchId);
      throw error;
    }
    return queue;
  }

  async watchMissing(
    paths: readonly string[],
    { present }: WatchMissingOptions = {},
  ): Promise<MissingPathsWatch | undefined> {
    const request = {
      missing: paths.map((path) => this.#uri(path)),
      ...(present === undefined ? {} : { present: this.#uri(present) }),
    };
    return await this.#missing.watch(
      async (watchId) => (await this.#client.call("fs/watchMissing", { watchId, ...request })).watching,
      (watchId) => this.#client.call("fs/watchMissing", { watchId, missing: [] }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stopListening) stop();
    this.#missing.fire();
    for (const { queue } of [...this.#watches.values()]) queue.end();
    await Promise.all([...this.#files].map((file) => file[Symbol.asyncDispose]()));
  }

  #uri(path: string): string {
    return uriOfPath(path, this.#os);
  }

  #follow(state: ConnectionState): void {
    if (state.kind === "connected") {
      for (const watch of this.#watches.values()) if (watch.open) this.#watchAgain(watch);
      return;
    }
    this.#missing.fire();
    for (const file of this.#files) file.lost = true;
    this.#files.clear();
    if (state.kind !== "disconnected") return;
    for (const { queue } of [...this.#watches.values()]) queue.end(new ConnectionError(state.reason));
  }

  async #watchAgain({ queue, path, params }: Watch): Promise<void> {
    try {
      await this.#client.call("fs/watch", params);
      queue.push([{ kind: "overflow", path }]);
    } catch (error) {
      // One that is lost again is begun again.
      if (!(error instanceof ConnectionError)) queue.end(error as Error);
    }
  }
}

class RemoteFile implements OpenFile {
  /** Whether its connection is gone, and it with it. */
  lost = false;
  readonly #client: AlikeClient;
  readonly #id: string;
  readonly #path: string;
  readonly #onClose: () => void;
  #closed = false;

  constructor(client: AlikeClient, id: string, path: string, onClose: () => void) {
    this.#client = client;
    this.#id = id;
    this.#path = path;
    this.#onClose = onClose;
  }

  async read(offset: number, length: number = FILE_BLOCK_BYTES): Promise<FileBlock> {
    this.#check();
    const params = { handleId: this.#id, offset, len: length };
    const { chunk, eof } = await this.#client.call("fs/readBlock", params);
    if (chunk.length > length || (chunk.length === 0 && length > 0 && !eof)) {
      throw new Error(`The server answered a read of ${length} bytes with ${chunk.length}`);
    }
    return { bytes: chunk, eof };
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    await this.#client.call("fs/writeBlock", { handleId: this.#id, offset, chunk: bytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    if (this.lost) return;
    await this.#client.call("fs/close", { handleId: this.#id }, { timeoutMs: TERMINATED_MS }).catch(() => {});
  }

  #check(): void {
    if (!this.lost) return;
    throw new ConnectionError(
      `The connection was lost, and the open file "${this.#path}" with it: open it again`,
    );
  }
}
