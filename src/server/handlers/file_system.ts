import { Buffer } from "node:buffer";
import type { ConfinedDiskOptions } from "../../file_system/confined/confined_disk.ts";
import type { Disk } from "../../file_system/disk.ts";
import { createDirectory } from "../../file_system/create_directory.ts";
import { getMetadata } from "../../file_system/metadata.ts";
import type { FileChange, WalkEntry, WalkError } from "../../file_system/operations.ts";
import { readDirectory } from "../../file_system/read_directory.ts";
import { readFile } from "../../file_system/read_file.ts";
import { writeFile } from "../../file_system/write_file.ts";
import { WALK_ANSWER_BYTES, WALK_ENTRY_BYTES } from "../../limits.ts";
import {
  base64Capacity,
  Base64Error,
  base64Length,
  decodeBase64,
  encodeBase64,
} from "../../protocol/base64.ts";
import { errorCodes, invalidRequest, RpcError } from "../../protocol/errors.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import type { AnswerMemory } from "../answer_memory.ts";
import type { ConnectionResources } from "../connection_resources.ts";
import type { FileConfinement } from "./file_confinement.ts";
import { EncodedResult, type Handlers } from "./handler.ts";
import { nativePath, SpelledPath, uriOf } from "./wire_paths.ts";

/** What the files of this machine are worked with. */
export interface FileSystemDomain extends FileConfinement {
  readonly resources: Pick<ConnectionResources, "files" | "missing" | "watches" | "notify">;
  /** What one answer may have: more cannot be sent. */
  readonly largestAnswerBytes: number;
  /** Where there must be room for a large answer before it is made. */
  readonly answerMemory: AnswerMemory;
  /** Whether files may be changed only under a policy that restricts them. */
  readonly requiresSandbox: boolean;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

/** The files of this machine. */
export function fileSystemHandlers(domain: FileSystemDomain): Handlers<
  | "fs/readFile"
  | "fs/writeFile"
  | "fs/createDirectory"
  | "fs/getMetadata"
  | "fs/canonicalize"
  | "fs/readDirectory"
  | "fs/walk"
  | "fs/remove"
  | "fs/copy"
  | "fs/open"
  | "fs/readBlock"
  | "fs/writeBlock"
  | "fs/rename"
  | "fs/chmod"
  | "fs/pack"
  | "fs/unpack"
  | "fs/close"
  | "fs/watchMissing"
  | "fs/watch"
  | "fs/unwatch"
> {
  // What takes most is loaded with the first request for it.
  const { disk, resources, largestAnswerBytes, answerMemory, requiresSandbox, signal } = domain;
  /** The files that a policy lets be seen, and those that it lets be changed. */
  const seen = (sandbox: Sandbox) => confined(sandbox, domain, { showsPlaceholders: false });
  const changed = (sandbox: Sandbox | undefined) =>
    sandbox || requiresSandbox ? changedUnder(sandbox, domain) : disk;
  return {
    async "fs/readFile"({ path, sandbox, ...options }) {
      const maxBytes = base64Capacity(largestAnswerBytes);
      let release: (() => void) | undefined;
      const room = async (bytes: number) =>
        void (release = await answerMemory.reserve(base64Length(bytes), signal));
      try {
        const files = sandbox ? await seen(sandbox) : disk;
        const bytes = await readFile(files, nativePath(path), { ...options, maxBytes, room });
        const result = new EncodedResult(() => `{"dataBase64":"${encodeBase64(bytes)}"}`);
        result.inBytes = { kind: "file", bytes };
        result.onOver = release;
        return result;
      } catch (error) {
        release?.();
        throw error;
      }
    },

    async "fs/writeFile"({ path, sandbox, dataBase64, ...options }) {
      const files = await changed(sandbox);
      await writeFile(files, nativePath(path), fileBytes(dataBase64), options);
      return {};
    },

    async "fs/createDirectory"({ path, sandbox, ...options }) {
      const files = await changed(sandbox);
      await createDirectory(files, nativePath(path), options);
      return {};
    },

    async "fs/getMetadata"({ path, sandbox, ...options }) {
      const files = sandbox ? await seen(sandbox) : disk;
      return await getMetadata(files, nativePath(path), options);
    },

    async "fs/canonicalize"({ path, sandbox }) {
      const files = sandbox ? await seen(sandbox) : disk;
      return { path: uriOf(await files.realpath(nativePath(path))) };
    },

    async "fs/readDirectory"({ path, sandbox }) {
      const files = sandbox ? await seen(sandbox) : disk;
      const entries = await readDirectory(files, nativePath(path));
      return { entries: entries.map(({ name, ...kind }) => ({ fileName: name, ...kind })) };
    },

    async "fs/walk"({ path, sandbox, options }) {
      const root = new SpelledPath(path);
      const files = sandbox ? await seen(sandbox) : disk;
      const { walk } = await import("../../file_system/walk.ts");
      const answer = new WalkAnswer(root);
      const { truncated } = await walk(files, root.native, options, (found) => answer.take(found));
      return { entries: answer.entries, errors: answer.errors, truncated };
    },

    async "fs/remove"({ path, sandbox, ...options }) {
      const { remove } = await import("../../file_system/remove.ts");
      const files = await changed(sandbox);
      await remove(files, nativePath(path), options);
      return {};
    },

    async "fs/copy"({ sourcePath, destinationPath, sandbox, recursive }) {
      const { copy } = await import("../../file_system/copy.ts");
      const files = await changed(sandbox);
      await copy(files, nativePath(sourcePath), nativePath(destinationPath), { recursive });
      return {};
    },

    async "fs/open"({ handleId, path, sandbox, mode }) {
      const files = mode === "replace" ? await changed(sandbox) : sandbox ? await seen(sandbox) : disk;
      await resources.files.open(handleId, nativePath(path), mode, files);
      return { handleId };
    },

    async "fs/readBlock"({ handleId, offset, len }) {
      const { bytes, eof } = await resources.files.readBlock(handleId, offset, len);
      const result = new EncodedResult(() => `{"chunk":"${encodeBase64(bytes)}","eof":${eof}}`);
      result.inBytes = { kind: "block", bytes, eof };
      return result;
    },

    async "fs/writeBlock"({ handleId, offset, chunk }) {
      await resources.files.writeBlock(handleId, offset, chunk);
      return {};
    },

    async "fs/rename"({ sourcePath, destinationPath, sandbox }) {
      const files = await changed(sandbox);
      await files.rename(nativePath(sourcePath), nativePath(destinationPath));
      return {};
    },

    async "fs/chmod"({ path, mode, sandbox }) {
      const files = await changed(sandbox);
      await files.chmod(nativePath(path), mode);
      return {};
    },

    async "fs/pack"({ handleId, path, sandbox, ...options }) {
      const files = sandbox ? await seen(sandbox) : disk;
      const { openPack } = await import("../../file_system/archive/open_archive.ts");
      await resources.files.openBlocks(handleId, () => openPack(files, nativePath(path), options));
      return { handleId };
    },

    async "fs/unpack"({ handleId, path, sandbox }) {
      const files = await changed(sandbox);
      const { openUnpack } = await import("../../file_system/archive/open_archive.ts");
      await resources.files.openBlocks(handleId, () => openUnpack(files, nativePath(path)));
      return { handleId };
    },

    async "fs/close"({ handleId }) {
      await resources.files.close(handleId);
      return {};
    },

    async "fs/watchMissing"({ watchId, missing, present }) {
      const request = {
        watchId,
        missing: missing.map(pathOrNull),
        ...present === undefined || present === null ? {} : { present: pathOrNull(present) },
      };
      return { watching: await (await resources.missing.get()).watch(request) };
    },

    async "fs/watch"({ watchId, path, sandbox, ...options }) {
      const watched = new SpelledPath(path);
      const files = sandbox ? await seen(sandbox) : disk;
      const watches = await resources.watches.get();
      await watches.watch(
        watchId,
        watched.native,
        { ...options, disk: files },
        ({ changes, ended }) =>
          resources.notify("fs/changed", {
            watchId,
            changes: changes.map((change) => wireChange(change, watched)),
            ended,
          }),
      );
      return { watchId };
    },

    async "fs/unwatch"({ watchId }) {
      (await resources.watches.get()).unwatch(watchId);
      return {};
    },
  };
}

/** What it takes is loaded with the first request for it. */
async function confined(
  sandbox: Sandbox,
  domain: FileSystemDomain,
  options: ConfinedDiskOptions,
): Promise<Disk> {
  const { confinedDisk } = await import("./file_confinement.ts");
  return await confinedDisk(sandbox, domain, options);
}

/** @throws {RpcError} -32600 for no policy, or one that restricts nothing, where one is required */
async function changedUnder(sandbox: Sandbox | undefined, domain: FileSystemDomain): Promise<Disk> {
  if (domain.requiresSandbox) (await import("./file_confinement.ts")).mustRestrict(sandbox, domain.os);
  return sandbox ? await confined(sandbox, domain, { showsPlaceholders: true }) : domain.disk;
}

/**
 * The bytes of `fs/writeFile`, which refuses text that is no base64 with a code of its own.
 *
 * @throws {RpcError} -32600
 */
function fileBytes(dataBase64: string | Uint8Array): Uint8Array {
  if (typeof dataBase64 !== "string") return dataBase64;
  try {
    return decodeBase64(dataBase64);
  } catch (error) {
    if (!(error instanceof Base64Error)) throw error;
    throw invalidRequest(`fs/writeFile requires valid base64 dataBase64: ${error.message}`, { cause: error });
  }
}

/** What a walk found, as it is answered, and so small that it can be sent. */
class WalkAnswer {
  readonly entries: WalkEntry[] = [];
  readonly errors: WalkError[] = [];
  readonly #root: SpelledPath;
  #bytes = 0;

  constructor(root: SpelledPath) {
    this.#root = root;
  }

  /** Takes one find more, unless there is no room for it. */
  take(found: WalkEntry | WalkError): boolean {
    const path = this.#root.uriOf(found.path);
    // A URI is ASCII.
    this.#bytes += WALK_ENTRY_BYTES + path.length;
    if ("message" in found) this.#bytes += Buffer.byteLength(found.message);
    if (this.#bytes > WALK_ANSWER_BYTES) return false;
    if ("message" in found) this.errors.push({ path, message: found.message });
    else this.entries.push({ path, kind: found.kind });
    return true;
  }
}

/**
 * Null for a path of another machine or one that cannot be.
 *
 * @throws {RpcError} -32602 for text that is no file URI
 */
function pathOrNull(uri: string): string | null {
  try {
    return nativePath(uri);
  } catch (error) {
    if (error instanceof RpcError && error.code === errorCodes.invalidParams) throw error;
    return null;
  }
}

function wireChange(change: FileChange, watched: SpelledPath): FileChange {
  return change.kind === "rename"
    ? { ...change, from: watched.uriOf(change.from), path: watched.uriOf(change.path) }
    : { ...change, path: watched.uriOf(change.path) };
}
