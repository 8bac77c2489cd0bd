import { excluder } from "../../file_system/glob.ts";
import { errorCodes } from "../../protocol/errors.ts";
import type { FileSystem, TransferOptions } from "../file_system.ts";
import { refusedError, ServerError } from "../machine_error.ts";
import type { TransferEnd } from "./transfer_end.ts";

/**
 * Copies a file or a directory where a machine takes no archives, each file for itself: without times, modes and links,
 * which such a machine does not tell of.
 *
 * @throws {ServerError} EREFUSED where there is more than a walk tells
 */
export async function oneByOne(from: TransferEnd, to: TransferEnd, options: TransferOptions): Promise<void> {
  const { exclude = [], onProgress, signal } = options;
  const { isDirectory, size } = await from.files.stat(from.path);
  const isExcluded = excluder(exclude);
  const wanted = isDirectory
    ? (await entriesBelow(from)).filter(({ path }) => !names(path).some((part) => isExcluded(part)))
    : [];
  const files = isDirectory ? wanted.filter(({ kind }) => kind === "file") : [{ path: "" }];
  let bytes = 0;
  let begun = 0;
  if (isDirectory) await to.files.createDirectory(to.path);
  for (const { path } of wanted.filter(({ kind }) => kind === "directory")) {
    await to.files.createDirectory(`${to.path}/${path}`);
  }
  for (const { path } of files) {
    begun++;
    const source = path === "" ? from.path : `${from.path}/${path}`;
    const target = path === "" ? to.path : `${to.path}/${path}`;
    const tell = (length: number) => {
      signal?.throwIfAborted();
      bytes += length;
      const totalBytes = isDirectory ? bytes : size;
      onProgress?.({ path, files: begun, bytes, totalFiles: files.length, totalBytes });
    };
    await copyFile(from.files, source, { files: to.files, path: target }, tell);
  }
}

/** A path and each directory that it is in, the outermost first. */
function names(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** What is below a directory, by paths from there. */
async function entriesBelow({ files, path }: TransferEnd) {
  const { entries, truncated, errors } = await files.walk(path);
  if (truncated) throw refusedError(`there is more below "${path}" than this server tells: copy it in parts`);
  const [error] = errors;
  if (error) throw refusedError(`"${error.path}" cannot be read: ${error.message}`);
  const root = (await files.canonicalize(path)).replace(/\/$/, "");
  const given = path.replace(/\/$/, "");
  return entries.map(({ path: found, kind }) => {
    const base = found.startsWith(`${given}/`) ? given : root;
    return { path: found.slice(base.length + 1).replaceAll("\\", "/"), kind };
  });
}

/** What was broken off is no file that anybody wants. */
async function copyFile(
  files: FileSystem,
  source: string,
  target: TransferEnd,
  tell: (bytes: number) => void,
): Promise<void> {
  let isBegun = false;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      isBegun = true;
      tell(piece.length);
      controller.enqueue(piece);
    },
  });
  try {
    await files.readStream(source).pipeThrough(counted).pipeTo(target.files.writeStream(target.path));
  } catch (error) {
    if (isBegun) await target.files.remove(target.path).catch(() => {});
    throw error;
  }
}

/** Whether a machine says that it takes no archives. */
export function takesNoArchives(error: unknown): boolean {
  // A file system that lacks something says ENOTSUP, too.
  return error instanceof ServerError && error.rpcCode === errorCodes.methodNotFound;
}
