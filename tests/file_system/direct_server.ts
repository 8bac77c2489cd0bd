import { canonicalize } from "../../src/file_system/canonicalize.ts";
import { copy } from "../../src/file_system/copy.ts";
import { createDirectory } from "../../src/file_system/create_directory.ts";
import type { Disk } from "../../src/file_system/disk.ts";
import { FileHandles } from "../../src/file_system/file_handles.ts";
import { getMetadata } from "../../src/file_system/metadata.ts";
import { nativePath } from "../../src/file_system/platform.ts";
import { readDirectory } from "../../src/file_system/read_directory.ts";
import { readFile } from "../../src/file_system/read_file.ts";
import { remove } from "../../src/file_system/remove.ts";
import { walk } from "../../src/file_system/walk.ts";
import { decodeFileData, writeFile } from "../../src/file_system/write_file.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import { decodeParams } from "../../src/protocol/decode.ts";
import { RpcError } from "../../src/protocol/errors.ts";
import * as schemas from "../../src/protocol/schemas/file_system.ts";
import type { Answer, FileServer } from "./file_server.ts";

type Handler = (params: unknown) => Promise<unknown>;

/** The operations without a server around them: what a connection's handlers would answer. */
export function directFileServer(disk: Disk): FileServer {
  const files = new FileHandles(disk);
  const handlers: Record<string, Handler> = {
    "fs/readFile": async (params) => {
      const { path, ...options } = decodeParams(schemas.readFileParams, params);
      return { dataBase64: encodeBase64(await readFile(disk, nativePath(path), options)) };
    },
    "fs/writeFile": async (params) => {
      const { path, dataBase64, ...options } = decodeParams(schemas.writeFileParams, params);
      await writeFile(disk, nativePath(path), decodeFileData(dataBase64), options);
    },
    "fs/createDirectory": async (params) => {
      const { path, ...options } = decodeParams(schemas.createDirectoryParams, params);
      await createDirectory(disk, nativePath(path), options);
    },
    "fs/getMetadata": async (params) => {
      const { path, ...options } = decodeParams(schemas.getMetadataParams, params);
      return await getMetadata(disk, nativePath(path), options);
    },
    "fs/canonicalize": async (params) => {
      return await canonicalize(disk, nativePath(decodeParams(schemas.canonicalizeParams, params).path));
    },
    "fs/readDirectory": async (params) => {
      return await readDirectory(disk, nativePath(decodeParams(schemas.readDirectoryParams, params).path));
    },
    "fs/walk": async (params) => {
      const { path, options } = decodeParams(schemas.walkParams, params);
      return await walk(disk, nativePath(path), options);
    },
    "fs/remove": async (params) => {
      const { path, ...options } = decodeParams(schemas.removeParams, params);
      await remove(disk, nativePath(path), options);
    },
    "fs/copy": async (params) => {
      const { sourcePath, destinationPath, recursive } = decodeParams(schemas.copyParams, params);
      await copy(disk, nativePath(sourcePath), nativePath(destinationPath), { recursive });
    },
    "fs/open": async (params) => {
      const { handleId, path, mode } = decodeParams(schemas.openParams, params);
      return await files.open(handleId, nativePath(path), mode);
    },
    "fs/readBlock": async (params) => {
      const { handleId, offset, len } = decodeParams(schemas.readBlockParams, params);
      const { chunk, eof } = await files.readBlock(handleId, offset, len);
      return { chunk: encodeBase64(chunk), eof };
    },
    "fs/writeBlock": async (params) => {
      const { handleId, offset, chunk } = decodeParams(schemas.writeBlockParams, params);
      await files.writeBlock(handleId, offset, chunk);
    },
    "fs/close": async (params) => {
      await files.close(decodeParams(schemas.closeParams, params).handleId);
    },
  };
  return {
    call: (method, params) => answer(handlers[method]!, params),
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
}

async function answer(handler: Handler, params: unknown): Promise<Answer> {
  try {
    return { result: await handler(params) ?? {} };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
