import { Buffer } from "node:buffer";
import { constants, realpath, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { DIRECTORY_BLOCK_BYTES, DIRECTORY_PART_ENTRIES } from "../limits.ts";
import { failed } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { pathFromBytes, pathToBytes, readablePath } from "../native/path_text.ts";
import type { ByteCalls } from "../host/byte_calls.ts";
import type { DirectoryNotifier } from "../host/directory_notifier.ts";
import { DiskFile, secondsOf } from "./disk_file.ts";
import { type Entry, entryOfDirent, parseEntries } from "./entry.ts";
import { join } from "./paths.ts";
import { descriptorPath, hasDescriptorPaths, nodeKeepsBytes, O_PATH } from "./platform.ts";

/** What a disk is made of. */
export interface DiskOptions {
  /** Opens the calls for names that are not text, where the runtime's own file calls cannot take them; at first use. */
  openByteCalls?: (() => ByteCalls | undefined) | undefined;
  /** Opens what tells of changes, where the machine has it; at first use. */
  openNotifier?: (() => DirectoryNotifier | undefined) | undefined;
  /** What its calls wait in; a share of their own by default. */
  calls?: CallShare;
}

/** The file calls that the operations are made of: of this whole machine, or of what a policy leaves of it. */
export type Disk = Pick<MachineDisk, keyof MachineDisk>;

/**
 * This machine's file calls. Paths are absolute, and bytes in them that are not UTF-8 are escaped as path_text.ts says.
 *
 * No call waits on the event loop's thread: a path may lie on a network file system that does not answer, and the
 * server has other things to do.
 */
export class MachineDisk {
  readonly #open: () => ByteCalls | undefined;
  readonly #openNotifier: () => DirectoryNotifier | undefined;
  readonly #share: CallShare;
  #opened: { readonly calls: ByteCalls | undefined } | undefined;

  constructor(options: DiskOptions = {}) {
    this.#open = options.openByteCalls ?? (() => undefined);
    this.#openNotifier = options.openNotifier ?? (() => undefined);
    this.#share = options.calls ?? waitingCalls.share();
  }

  get #calls(): ByteCalls | undefined {
    return (this.#opened ??= { calls: this.#open() }).calls;
  }

  /** The same disk, whose calls wait in another share. */
  sharing(calls: CallShare): Disk {
    return new MachineDisk({ openByteCalls: () => this.#calls, openNotifier: this.#openNotifier, calls });
  }

  /** Opens a file, which must be closed. */
  async open(path: string, flags: number, mode = 0o666): Promise<DiskFile> {
    const open = (native: string | Buffer, flags: number) =>
      this.#wait(() => fs.open(native, flags, mode), path);
    if (!this.#needsCalls(path)) return new DiskFile(await open(this.#native(path), flags), this.#share);
    const creating = constants.O_CREAT | constants.O_EXCL | constants.O_TRUNC | constants.O_NOFOLLOW;
    const handle = await this.#through(path, flags, mode, (alias) => open(alias, flags & ~creating));
    return new DiskFile(handle, this.#share);
  }

  /** The bytes of a file that is known to be one, in one call. It follows links. */
  async readWhole(path: string): Promise<Uint8Array> {
    const read = (native: string | Buffer) => this.#wait(() => fs.readFile(native), path);
    if (!this.#needsCalls(path)) return await read(this.#native(path));
    return await this.#through(path, constants.O_RDONLY, 0, read);
  }

  /** Makes a file that is not there, with all its bytes, in one call. @throws {Error} EEXIST for whatever is there */
  async createWhole(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    if (!this.#needsCalls(path)) {
      return await this.#wait(() => fs.writeFile(this.#native(path), bytes, { flag: "wx", mode }), path);
    }
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    await this.#through(path, flags, mode, (alias) => this.#wait(() => fs.writeFile(alias, bytes)));
  }

  /** The status of what a path leads to. */
  async stat(path: string): Promise<Stats> {
    if (!this.#needsCalls(path)) return await this.#wait(() => fs.stat(this.#native(path)), path);
    return await this.#through(path, O_PATH, 0, (alias) => this.#wait(() => fs.stat(alias)));
  }

  /** The status of what a path names, which may be a link. */
  async lstat(path: string): Promise<Stats> {
    if (!this.#needsCalls(path)) return await this.#wait(() => fs.lstat(this.#native(path)), path);
    return await this.#through(
      path,
      O_PATH | constants.O_NOFOLLOW,
      0,
      (alias) => this.#wait(() => fs.stat(alias)),
    );
  }

  async mkdir(path: string): Promise<void> {
    if (this.#needsCalls(path)) await this.#wait(() => this.#calls!.mkdir(pathToBytes(path), 0o777));
    else await this.#wait(() => fs.mkdir(this.#native(path)), path);
  }

  async rmdir(path: string): Promise<void> {
    if (this.#needsCalls(path)) await this.#wait(() => this.#calls!.rmdir(pathToBytes(path)));
    else await this.#wait(() => fs.rmdir(this.#native(path)), path);
  }

  async unlink(path: string): Promise<void> {
    if (this.#needsCalls(path)) await this.#wait(() => this.#calls!.unlink(pathToBytes(path)));
    else await this.#wait(() => fs.unlink(this.#native(path)), path);
  }

  /** Gives a new name, whatever has it; to a link, not to what it leads to. */
  async rename(from: string, to: string): Promise<void> {
    await this.#wait(
      () =>
        this.#needsCalls(from + to)
          ? this.#calls!.rename(pathToBytes(from), pathToBytes(to))
          : fs.rename(this.#native(from), this.#native(to)),
      from,
    );
  }

  /** Sets the permissions of what a path leads to. */
  async chmod(path: string, mode: number): Promise<void> {
    if (!this.#needsCalls(path)) return await this.#wait(() => fs.chmod(this.#native(path), mode), path);
    await this.#through(path, O_PATH, 0, (alias) => this.#wait(() => fs.chmod(alias, mode)));
  }

  /** Sets when what a path leads to was changed and read last, in milliseconds since 1970. */
  async setTimes(path: string, modifiedAtMs: number): Promise<void> {
    const set = (native: string | Buffer) =>
      fs.utimes(native, secondsOf(modifiedAtMs), secondsOf(modifiedAtMs));
    if (!this.#needsCalls(path)) return await this.#wait(() => set(this.#native(path)), path);
    await this.#through(path, O_PATH, 0, (alias) => this.#wait(() => set(alias)));
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.#wait(() =>
      this.#needsCalls(target + path)
        ? this.#calls!.symlink(pathToBytes(target), pathToBytes(path))
        : fs.symlink(this.#native(target), this.#native(path))
    );
  }

  /** What a link holds. */
  async readlink(path: string): Promise<string> {
    return await this.#name(
      path,
      () => fs.readlink(this.#native(path), { encoding: "buffer" }),
      (calls) => calls.readlink(pathToBytes(path)),
    );
  }

  /** The path without links and dot segments. */
  async realpath(path: string): Promise<string> {
    return await this.#name(
      path,
      () =>
        new Promise<Buffer>((resolve, reject) =>
          realpath.native(
            this.#native(path),
            { encoding: "buffer" },
            (error, real) => error ? reject(error) : resolve(real),
          )
        ),
      (calls) => calls.realpath(pathToBytes(path)),
    );
  }

  /**
   * What tells of changes in directories; undefined where the machine does not.
   *
   * @throws {Error} with `code`, such as `"EMFILE"`
   */
  notifier(): DirectoryNotifier | undefined {
    return this.#openNotifier();
  }

  /** Opens a directory to list it. The handle must be closed. */
  async openDirectory(path: string, flags = 0): Promise<DiskFile> {
    return await this.open(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | flags);
  }

  /** The entries of a directory, in no order, some at a time. */
  async *list(path: string): AsyncGenerator<Entry[]> {
    if (this.#calls === undefined) return yield* this.#listByNode(path, this.#native(path));
    await using directory = await this.openDirectory(path);
    yield* this.#listByCalls(directory, this.#calls);
  }

  /** The entries of a directory that is open, in no order, some at a time; once only. */
  async *listOpened(directory: DiskFile, path: string): AsyncGenerator<Entry[]> {
    if (this.#calls) return yield* this.#listByCalls(directory, this.#calls);
    const native = hasDescriptorPaths() ? descriptorPath(directory.fd) : this.#native(path);
    yield* this.#listByNode(path, native);
  }

  async *#listByCalls(directory: DiskFile, calls: ByteCalls): AsyncGenerator<Entry[]> {
    const block = new Uint8Array(DIRECTORY_BLOCK_BYTES);
    for (;;) {
      const used = await this.#wait(() => calls.readEntries(directory.fd, block));
      if (used === 0) return;
      yield parseEntries(block.subarray(0, used));
    }
  }

  async *#listByNode(path: string, native: string | Buffer): AsyncGenerator<Entry[]> {
    const entries = await this.#wait(() => fs.readdir(native, { withFileTypes: true }), path);
    const areNamesExact = !entries.some(({ name }) => name.includes("\ufffd"));
    if (areNamesExact) return yield* inParts(entries, entryOfDirent);
    if (nodeKeepsBytes()) {
      const names = await this.#wait(() => fs.readdir(native, { encoding: "buffer" }));
      return yield* inParts(names, (name) => ({ name: pathFromBytes(name), kind: "unknown" }));
    }
    for await (const part of inParts(entries, entryOfDirent)) {
      yield await Promise.all(part.map((entry) => this.#markReplaced(path, entry)));
    }
  }

  /** Where a runtime has replaced bytes of a name, there is no such file: marks the name as not being text. */
  async #markReplaced(directory: string, { name, kind }: Entry): Promise<Entry> {
    if (
      !name.includes("\ufffd") ||
      await this.#wait(() => fs.lstat(join(directory, name))).then(() => true, () => false)
    ) {
      return { name, kind };
    }
    return { name: name.replaceAll("\ufffd", "\udcff"), kind };
  }

  /** Copies the bytes of a file, and its mode; both paths are text. */
  async copyFile(source: string, destination: string): Promise<void> {
    await this.#wait(() => fs.copyFile(source, destination), source);
  }

  /** The number of the kind of file system that a path is on. */
  async fileSystemType(path: string): Promise<number> {
    const type = (native: string | Buffer) => this.#wait(async () => (await fs.statfs(native)).type, path);
    if (!this.#needsCalls(path)) return await type(this.#native(path));
    return await this.#through(path, O_PATH, 0, type);
  }

  #wait<Result>(call: () => Promise<Result>, path?: string): Promise<Result> {
    return this.#share.run(call, path);
  }

  /** Asks for a name; by bytes when the answer may not be text. */
  async #name(
    path: string,
    byNode: () => Promise<Uint8Array>,
    byCalls: (calls: ByteCalls) => Promise<Uint8Array>,
  ): Promise<string> {
    if (this.#needsCalls(path)) return pathFromBytes(await this.#wait(() => byCalls(this.#calls!), path));
    try {
      const name = pathFromBytes(await this.#wait(byNode, path));
      return this.#calls && name.includes("\ufffd")
        ? pathFromBytes(await this.#wait(() => byCalls(this.#calls!), path))
        : name;
    } catch (error) {
      if (!this.#calls || osErrorCode(error) !== undefined) throw error;
      return pathFromBytes(await this.#wait(() => byCalls(this.#calls!), path));
    }
  }

  #needsCalls(path: string): boolean {
    return !path.isWellFormed() && this.#calls !== undefined;
  }

  #native(path: string): string | Buffer {
    if (path.isWellFormed()) return path;
    // A runtime that takes text only would silently reach for another name.
    if (nodeKeepsBytes()) return Buffer.from(pathToBytes(path));
    throw failed(
      `path \`${readablePath(path)}\` is not UTF-8, and this runtime's file calls take text only`,
    );
  }

  /** Opens by bytes, and calls with a text path that leads to the same file. */
  async #through<Result>(
    path: string,
    flags: number,
    mode: number,
    use: (alias: string) => Promise<Result>,
  ): Promise<Result> {
    const calls = this.#calls!;
    const descriptor = await this.#wait(() => calls.open(pathToBytes(path), flags, mode), path);
    try {
      return await use(descriptorPath(descriptor));
    } finally {
      calls.close(descriptor);
    }
  }
}

/** `node:fs` gives all entries at once; turned over in parts, a large directory does not hold up everything else. */
async function* inParts<Given>(given: Given[], entryOf: (given: Given) => Entry): AsyncGenerator<Entry[]> {
  for (let at = 0; at < given.length; at += DIRECTORY_PART_ENTRIES) {
    if (at > 0) await setImmediate();
    yield given.slice(at, at + DIRECTORY_PART_ENTRIES).map(entryOf);
  }
}

/** A `catch` handler that lets one error of the operating system pass for success. */
export function ignore(code: string): (error: unknown) => void {
  return (error) => {
    if (osErrorCode(error) !== code) throw error;
  };
}
