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

/** The files of this machine. */
export const fileSystemHandlers: Handlers<
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
> = {
  async "fs/readFile"({ path, sandbox, ...options }, { disk, largestAnswerBytes, answers, signal }) {
    const maxBytes = base64Capacity(largestAnswerBytes);
    let release: (() => void) | undefined;
    const room = async (bytes: number) => void (release = await answers.reserve(base64Length(bytes), signal));
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

  async "fs/writeFile"({ path, sandbox, dataBase64, ...options }, { disk }) {
    await writeFile(disk, allowed(path, sandbox), decodeFileData(dataBase64), options);
    return {};
  },

  async "fs/createDirectory"({ path, sandbox, ...options }, { disk }) {
    await createDirectory(disk, allowed(path, sandbox), options);
    return {};
  },

  "fs/getMetadata": ({ path, sandbox, ...options }, { disk }) =>
    getMetadata(disk, allowed(path, sandbox), options),

  "fs/canonicalize": ({ path, sandbox }, { disk }) => canonicalize(disk, allowed(path, sandbox)),

  "fs/readDirectory": ({ path, sandbox }, { disk }) => readDirectory(disk, allowed(path, sandbox)),

  "fs/walk": ({ path, sandbox, options }, { disk }) =>
    walk(disk, allowed(path, sandbox), { ...options, uri: spelledFileUri(path) }),

  async "fs/remove"({ path, sandbox, ...options }, { disk }) {
    await remove(disk, allowed(path, sandbox), options);
    return {};
  },

  async "fs/copy"({ sourcePath, destinationPath, sandbox, recursive }, { disk }) {
    await copy(disk, allowed(sourcePath, sandbox), nativePath(destinationPath), { recursive });
    return {};
  },

  "fs/open": ({ handleId, path, sandbox, mode }, { resources }) =>
    resources.files.open(handleId, allowed(path, sandbox), mode),

  async "fs/readBlock"({ handleId, offset, len }, { resources }) {
    const { chunk, eof } = await resources.files.readBlock(handleId, offset, len);
    return new EncodedResult(() => `{"chunk":"${encodeBase64(chunk)}","eof":${eof}}`);
  },

  async "fs/writeBlock"({ handleId, offset, chunk }, { resources }) {
    await resources.files.writeBlock(handleId, offset, chunk);
    return {};
  },

  async "fs/close"({ handleId }, { resources }) {
    await resources.files.close(handleId);
    return {};
  },

  "fs/watchMissing": (params, { resources }) => resources.missing.watch(params),

  "fs/watch": ({ watchId, path, sandbox, ...options }, { resources }) =>
    resources.watches.watch(watchId, allowed(path, sandbox), { ...options, uri: spelledFileUri(path) }),

  "fs/unwatch"({ watchId }, { resources }) {
    resources.watches.unwatch(watchId);
    return {};
  },
};

/**
 * The native path of a URI, where nothing asks for it to be confined.
 *
 * @throws {RpcError} -32603 for what would have to be confined
 */
function allowed(uri: string, sandbox: Sandbox | undefined): string {
  refuseFileConfinement(sandbox);
  return nativePath(uri);
}
