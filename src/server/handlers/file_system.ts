import type { Disk } from "../../file_system/disk.ts";
import type { AnswerMemory } from "../answer_memory.ts";
import type { ConnectionResources } from "../connection_resources.ts";
import { canonicalize } from "../../file_system/canonicalize.ts";
import { copy } from "../../file_system/copy.ts";
import { createDirectory } from "../../file_system/create_directory.ts";
import { getMetadata } from "../../file_system/metadata.ts";
import { nativePath } from "../../file_system/platform.ts";
import { readDirectory } from "../../file_system/read_directory.ts";
import { readFile } from "../../file_system/read_file.ts";
import { remove } from "../../file_system/remove.ts";
import { walk } from "../../file_system/walk.ts";
import { decodeFileData, writeFile } from "../../file_system/write_file.ts";
import { refuseFileConfinement } from "../../process/confinement.ts";
import { base64Capacity, base64Length, encodeBase64 } from "../../protocol/base64.ts";
import { spelledFileUri } from "../../protocol/file_uri.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import { EncodedResult, type Handlers } from "./handler.ts";

/** What the files of this machine are worked with. */
export interface FileSystemDomain {
  /** The files, whose calls wait in the connection's share. */
  readonly disk: Disk;
  readonly resources: Pick<ConnectionResources, "files" | "missing" | "watches">;
  /** What one answer may have: more cannot be sent. */
  readonly largestAnswerBytes: number;
  /** Where there must be room for a large answer before it is made. */
  readonly answerMemory: AnswerMemory;
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
  | "fs/close"
  | "fs/watchMissing"
  | "fs/watch"
  | "fs/unwatch"
> {
  const { disk, resources, largestAnswerBytes, answerMemory, signal } = domain;
  return {
    async "fs/readFile"({ path, sandbox, ...options }) {
      const maxBytes = base64Capacity(largestAnswerBytes);
      let release: (() => void) | undefined;
      const room = async (bytes: number) =>
        void (release = await answerMemory.reserve(base64Length(bytes), signal));
      try {
        const bytes = await readFile(disk, allowed(path, sandbox), { ...options, maxBytes, room });
        const result = new EncodedResult(() => `{"dataBase64":"${encodeBase64(bytes)}"}`);
        result.onOver = release;
        return result;
      } catch (error) {
        release?.();
        throw error;
      }
    },

    async "fs/writeFile"({ path, sandbox, dataBase64, ...options }) {
      await writeFile(disk, allowed(path, sandbox), decodeFileData(dataBase64), options);
      return {};
    },

    async "fs/createDirectory"({ path, sandbox, ...options }) {
      await createDirectory(disk, allowed(path, sandbox), options);
      return {};
    },

    "fs/getMetadata": ({ path, sandbox, ...options }) => getMetadata(disk, allowed(path, sandbox), options),

    "fs/canonicalize": ({ path, sandbox }) => canonicalize(disk, allowed(path, sandbox)),

    "fs/readDirectory": ({ path, sandbox }) => readDirectory(disk, allowed(path, sandbox)),

    "fs/walk": ({ path, sandbox, options }) =>
      walk(disk, allowed(path, sandbox), { ...options, uri: spelledFileUri(path) }),

    async "fs/remove"({ path, sandbox, ...options }) {
      await remove(disk, allowed(path, sandbox), options);
      return {};
    },

    async "fs/copy"({ sourcePath, destinationPath, sandbox, recursive }) {
      await copy(disk, allowed(sourcePath, sandbox), nativePath(destinationPath), { recursive });
      return {};
    },

    "fs/open": ({ handleId, path, sandbox, mode }) =>
      resources.files.open(handleId, allowed(path, sandbox), mode),

    async "fs/readBlock"({ handleId, offset, len }) {
      const { chunk, eof } = await resources.files.readBlock(handleId, offset, len);
      return new EncodedResult(() => `{"chunk":"${encodeBase64(chunk)}","eof":${eof}}`);
    },

    async "fs/writeBlock"({ handleId, offset, chunk }) {
      await resources.files.writeBlock(handleId, offset, chunk);
      return {};
    },

    async "fs/close"({ handleId }) {
      await resources.files.close(handleId);
      return {};
    },

    "fs/watchMissing": (params) => resources.missing.watch(params),

    "fs/watch": ({ watchId, path, sandbox, ...options }) =>
      resources.watches.watch(watchId, allowed(path, sandbox), { ...options, uri: spelledFileUri(path) }),

    "fs/unwatch"({ watchId }) {
      resources.watches.unwatch(watchId);
      return {};
    },
  };
}

/**
 * The native path of a URI, where nothing asks for it to be confined.
 *
 * @throws {RpcError} -32603 for what would have to be confined
 */
function allowed(uri: string, sandbox: Sandbox | undefined): string {
  refuseFileConfinement(sandbox);
  return nativePath(uri);
}
