import { globPattern } from "../file_system/glob.ts";
import { checkKinds } from "../client/known_options.ts";
import type {
  CopyOptions,
  CreateDirectoryOptions,
  DirectoryEntry,
  FileMetadata,
  FileMode,
  FileSystem,
  FileWatcher,
  GlobOptions,
  LinkOptions,
  MissingPathsWatch,
  OpenFile,
  PackOptions,
  RemoveOptions,
  TransferOptions,
  WalkOptions,
  WalkResult,
  WatchMissingOptions,
  WatchOptions,
  WriteOptions,
  WriteTextOptions,
} from "./file_system.ts";
import { NotFoundError, refusedError, unsupportedError } from "./machine_error.ts";

/** Moves trees between machines; what this machine's files are is known to it. */
export interface Transfers {
  upload(files: FileSystem, local: string, remote: string, options: TransferOptions): Promise<void>;
  download(files: FileSystem, remote: string, local: string, options: TransferOptions): Promise<void>;
}

/** What the files of every machine have in common, made of what is each one's own. */
export abstract class Files implements FileSystem {
  readonly #transfers: Transfers | undefined;

  /** @param transfers absent where there are no files here, as in a page */
  constructor(transfers?: Transfers) {
    this.#transfers = transfers;
  }

  abstract readFile(path: string, options?: LinkOptions): Promise<Uint8Array>;
  abstract writeFile(path: string, data: Uint8Array | string, options?: WriteOptions): Promise<void>;
  abstract open(path: string, mode?: FileMode): Promise<OpenFile>;
  abstract readStream(path: string): ReadableStream<Uint8Array>;
  abstract writeStream(path: string): WritableStream<Uint8Array>;
  abstract createDirectory(path: string, options?: CreateDirectoryOptions): Promise<void>;
  abstract stat(path: string, options?: LinkOptions): Promise<FileMetadata>;
  abstract canonicalize(path: string): Promise<string>;
  abstract readDirectory(path: string): Promise<DirectoryEntry[]>;
  abstract walk(path: string, options?: WalkOptions): Promise<WalkResult>;
  abstract rename(from: string, to: string): Promise<void>;
  abstract chmod(path: string, mode: number): Promise<void>;
  abstract remove(path: string, options?: RemoveOptions): Promise<void>;
  abstract copy(source: string, destination: string, options?: CopyOptions): Promise<void>;
  abstract pack(path: string, options?: PackOptions): ReadableStream<Uint8Array>;
  abstract unpack(path: string, archive: AsyncIterable<Uint8Array>): Promise<void>;
  abstract watch(path: string, options?: WatchOptions): Promise<FileWatcher>;
  abstract watchMissing(
    paths: readonly string[],
    options?: WatchMissingOptions,
  ): Promise<MissingPathsWatch | undefined>;

  metadata(path: string, options?: LinkOptions): Promise<FileMetadata> {
    return this.stat(path, options);
  }

  async readText(path: string, options?: LinkOptions): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.readFile(path, options));
  }

  async writeText(path: string, text: string, options: WriteTextOptions = {}): Promise<void> {
    checkKinds("writeText", options, { mode: "count", parents: "boolean", followSymlinks: "boolean" });
    if (typeof text !== "string") {
      throw new TypeError(`writeText writes a string, not ${typeof text}: writeFile takes bytes`);
    }
    const { parents = true, ...rest } = options;
    try {
      await this.writeFile(path, text, rest);
    } catch (error) {
      if (!parents || !(error instanceof NotFoundError)) throw error;
      await this.createDirectory(path.replace(/[\\/][^\\/]*$/, "") || "/");
      await this.writeFile(path, text, rest);
    }
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError || (error as { code?: unknown }).code === "ENOTDIR") return false;
      throw error;
    }
  }

  async glob(pattern: string, options: GlobOptions = {}): Promise<string[]> {
    checkKinds("glob", options, { cwd: "string" });
    const { cwd } = options;
    const names = (cwd === undefined ? pattern : `${cwd.replace(/\/$/, "")}/${pattern}`).split("/");
    // Nothing above the first name with a wildcard need be looked through; its last name may be a file.
    const fixed = names.findIndex((name) => /[*?[{\\]/.test(name));
    const root = names.slice(0, fixed < 0 ? -1 : fixed).join("/") || "/";
    const depth = names.includes("**")
      ? {}
      : { maxDepth: names.length - root.split("/").filter(Boolean).length };
    const matcher = globPattern(names.join("/"));
    const found = await this.walk(root, depth).catch((error) => {
      if (error instanceof NotFoundError) return { entries: [], truncated: false };
      throw error;
    });
    if (found.truncated) {
      throw refusedError(`There is more below "${root}" than one walk tells: begin the pattern further down`);
    }
    return found.entries.map(({ path }) => path).filter((path) => matcher.test(path)).sort();
  }

  async upload(local: string, remote: string, options: TransferOptions = {}): Promise<void> {
    checkTransfer("upload", options);
    await this.#here("upload").upload(this, local, remote, options);
  }

  async download(remote: string, local: string, options: TransferOptions = {}): Promise<void> {
    checkTransfer("download", options);
    await this.#here("download").download(this, remote, local, options);
  }

  #here(what: string): Transfers {
    if (this.#transfers) return this.#transfers;
    throw unsupportedError(
      `There are no files here to ${what}: connect() of a program has them; elsewhere use readStream, writeStream or pack`,
    );
  }
}

/** @throws {TypeError} for an option that means nothing, and for one of the wrong kind */
function checkTransfer(where: string, options: TransferOptions): void {
  checkKinds(where, options, {
    exclude: "strings",
    resume: "boolean",
    onProgress: "function",
    onFileByFile: "function",
    signal: "object",
  });
}
