import { Buffer } from "node:buffer";
import type { Disk } from "../../file_system/disk.ts";
import { openRegular } from "../../file_system/read_file.ts";
import { DOWNLOAD_BLOCK_BYTES } from "../../limits.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import type { ExportFormat } from "../../protocol/schemas/recording.ts";
import { beginExport, exportPart } from "../../recording/export.ts";

/** What a browser saves as it comes: nothing of it is kept. */
export interface Download {
  /** What the file is to be called. */
  readonly name: string;
  /** How long it is; undefined where that is not known before its end. */
  readonly bytes: number | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * A file of this machine, as it is when it is opened: what is added meanwhile is not in it, and one that has become shorter
 * is a download that fails.
 *
 * @throws {OperationError} REFUSED for what is no regular file
 * @throws {Error} the operating system's, such as ENOENT
 */
export async function fileDownload(disk: Disk, path: string): Promise<Download> {
  const { handle, stats } = await openRegular(disk, path);
  let left = stats.size;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const block = Buffer.allocUnsafeSlow(Math.min(left, DOWNLOAD_BLOCK_BYTES));
        const used = left === 0 ? 0 : await handle.read(block, 0, block.length, null);
        if (used === 0 && left > 0) throw new Error(`${path} became shorter while it was read`);
        left -= used;
        if (used > 0) controller.enqueue(block.subarray(0, used));
        if (left > 0) return;
        await handle.close();
        controller.close();
      } catch (error) {
        await handle.close().catch(() => {});
        throw error;
      }
    },
    cancel: () => handle.close(),
  }, { highWaterMark: 0 });
  return { name: path.slice(path.lastIndexOf("/") + 1), bytes: stats.size, body };
}

const suffixes: Readonly<Record<ExportFormat, string>> = { raw: "log", text: "txt", v2: "cast", v3: "cast" };

/** All that is kept of a process's output. */
export function outputDownload(process: ManagedProcess, format: ExportFormat): Download {
  let position: ReturnType<typeof beginExport> | undefined = beginExport(process, format);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A part may have no bytes.
      while (position) {
        const { bytes, next } = await exportPart(process, position);
        position = next;
        if (bytes.length > 0) return controller.enqueue(bytes);
      }
      controller.close();
    },
  }, { highWaterMark: 0 });
  const name = process.name ?? process.handle.slice(0, 8);
  return { name: `${name}.${suffixes[format]}`, bytes: undefined, body };
}

/** The head of an answer that a browser saves, and takes for nothing that it could run. */
export function downloadHeaders({ name, bytes }: Download): Record<string, string> {
  return {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=UTF-8''${encodedName(name)}`,
    "cache-control": "no-store",
    ...bytes === undefined ? {} : { "content-length": String(bytes) },
  };
}

/** A name as RFC 8187 has it. */
function encodedName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
