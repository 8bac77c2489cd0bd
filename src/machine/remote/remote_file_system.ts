import type { ExecServerClient } from "../../client/client.ts";
import type { ConnectionState } from "../../client/connection_state.ts";
import { ConnectionError } from "../../transport/transport.ts";
import { CLIENT_FILE_BYTES, FILE_BLOCK_BYTES, FILE_READ_BYTES, TERMINATED_MS } from "../../limits.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { ParamsSent } from "../../protocol/methods.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import { ChangeQueue } from "../change_queue.ts";
import {
  checkWhole,
  gather,
  readFileStream,
  writeBlocks,
  writeFileStream,
  writeInBlocks,
} from "../file_streams.ts";
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
import { checkMode } from "../file_mode.ts";
import { Files, type Transfers } from "../files.ts";
import { unsupportedError } from "../machine_error.ts";
import { MissingPaths } from "../missing_paths.ts";
import { bytesOf } from "../start_request.ts";
import { AlikeClient, ConfinedClient } from "./alike_client.ts";
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
export class RemoteFileSystem extends Files implements AsyncDisposable {
  readonly #client: AlikeClient;
  readonly #os: PlatformOs;
  readonly #files = new Set<RemoteFile>();
  readonly #watches = new Map<string, Watch>();
  readonly #missing = new MissingPaths();
  readonly #stopListening: readonly (() => void)[];

  /**
   * @param transfers moves trees from and to this machine, where it has files
   * @param sandbox what may be seen and changed; everything that the server may by default
   */
  constructor(client: ExecServerClient, transfers?: Transfers, sandbox?: Sandbox) {
    super(transfers);
    this.#client = sandbox ? new ConfinedClient(client, sandbox) : new AlikeClient(client);
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

  async writeFile(path: string, data: Uint8Array | string, options: WriteOptions = {}): Promise<void> {
    const bytes = bytesOf(data);
    if (options.mode !== undefined && options.mode !== null) {
      checkMode(options.mode);
      this.#need("fsModes", "set the mode of a file");
    }
    checkWhole(bytes, options);
    if (bytes.length <= CLIENT_FILE_BYTES) {
      const params = { path: this.#uri(path), dataBase64: bytes, ...options };
      await this.#client.call("fs/writeFile", params);
      return;
    }
    // Made with its mode, before it has anything to see.
    if (options.mode) {
      await this.#client.call("fs/writeFile", { path: this.#uri(path), dataBase64: "", ...options });
    }
    await using file = await this.open(path, "replace");
    await writeBlocks(file, 0, bytes);
  }

  open(path: string, mode: FileMode = "read"): Promise<OpenFile> {
    return this.#open(
      path,
      (handleId) => this.#client.call("fs/open", { handleId, path: this.#uri(path), mode }),
    );
  }

  async #open(path: string, call: (handleId: string) => Promise<unknown>): Promise<RemoteFile> {
    const handleId = crypto.randomUUID().replaceAll("-", "");
    const file = new RemoteFile(this.#client, handleId, path, () => this.#files.delete(file));
    // Before the answer: what is lost in between is lost, too.
    this.#files.add(file);
    try {
      await call(handleId);
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

  async stat(path: string, options: LinkOptions = {}): Promise<FileMetadata> {
    const params = {
      path: this.#uri(path),
      ...options,
      ...this.#client.can("fsModes") && { tellMode: true },
    };
    return await this.#client.call("fs/getMetadata", params);
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

  async rename(from: string, to: string): Promise<void> {
    this.#need("fsModes", "rename files");
    await this.#client.call("fs/rename", { sourcePath: this.#uri(from), destinationPath: this.#uri(to) });
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#need("fsModes", "change the mode of a file");
    await this.#client.call("fs/chmod", { path: this.#uri(path), mode: checkMode(mode) });
  }

  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    const { recursive = false } = options;
    await this.#client.call("fs/remove", { path: this.#uri(path), ...options, recursive });
  }

  pack(path: string, { exclude, have, listOnly }: PackOptions = {}): ReadableStream<Uint8Array> {
    return readFileStream(() => {
      this.#need("fsArchives", "send a tree as one stream");
      const params = {
        path: this.#uri(path),
        ...exclude && { exclude: [...exclude] },
        ...have && have.length > 0 && { have: [...have] },
        ...listOnly && { listOnly },
      };
      return this.#open(path, (handleId) => this.#client.call("fs/pack", { handleId, ...params }));
    });
  }

  async unpack(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    this.#need("fsArchives", "take a tree as one stream");
    const uri = this.#uri(path);
    await using file = await this.#open(
      path,
      (handleId) => this.#client.call("fs/unpack", { handleId, path: uri }),
    );
    await writeInBlocks(file, archive);
    await file.finish();
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

  #need(capability: string, what: string): void {
    if (this.#client.can(capability)) return;
    throw unsupportedError(
      `this server cannot ${what}: that is exec-server's own (${capability}); a command may do it`,
    );
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

  /** Closes it. @throws {ServerError} where what it was opened for is not complete */
  async finish(): Promise<void> {
    this.#check();
    this.#closed = true;
    this.#onClose();
    await this.#client.call("fs/close", { handleId: this.#id });
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
