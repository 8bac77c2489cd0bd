import type { Context } from "hono";
import type { Disk } from "../../file_system/disk.ts";
import { hostOs } from "../../host/facts.ts";
import { parseFileUri } from "../../protocol/file_uri.ts";
import { asProcessHandle } from "../../protocol/ids.ts";
import { covers, type Role } from "../../protocol/roles.ts";
import type { ExportFormat } from "../../protocol/schemas/recording.ts";
import type { ProcessRegistry } from "../../process/process_registry.ts";
import { type Download, downloadHeaders, fileDownload, outputDownload } from "./download.ts";

/** Who wants something, and of what. */
export interface DownloadDomain {
  readonly role: Role;
  /** Only processes of the same are seen; undefined where all are. */
  readonly who: string | undefined;
  readonly disk: Disk;
  readonly processes: Pick<ProcessRegistry, "get">;
}

const formats: readonly ExportFormat[] = ["raw", "text", "v2", "v3"];

/** Answers with a file of this machine: `?path=URI`, for whom may read files. */
export async function answerFile(c: Context, { role, disk }: DownloadDomain): Promise<Response> {
  if (!covers(role, "full")) return c.text("Files are for those with the role full\n", 403);
  const path = pathOf(c.req.query("path") ?? "");
  if (path === undefined) return c.text("The path is no file: URI of this machine\n", 400);
  try {
    return answer(c, await fileDownload(disk, path));
  } catch (error) {
    return c.text(`${(error as Error).message}\n`, 404);
  }
}

/** Answers with all that is kept of a process's output: `?process=HANDLE&format=FORMAT`. */
export function answerOutput(c: Context, { who, processes }: DownloadDomain): Response {
  const format = formats.find((name) => name === (c.req.query("format") ?? "raw"));
  if (!format) return c.text(`The format is one of ${formats.join(", ")}\n`, 400);
  const process = processes.get(asProcessHandle(c.req.query("process") ?? ""));
  if (!process || process.who !== who) return c.text("There is no such process\n", 404);
  return answer(c, outputDownload(process, format));
}

function answer(c: Context, download: Download): Response {
  const headers = downloadHeaders(download);
  if (c.req.raw.method !== "HEAD") return c.body(download.body, 200, headers);
  // Who wants the head only reads nothing that would close the file.
  void download.body.cancel();
  return c.body(null, 200, headers);
}

function pathOf(uri: string): string | undefined {
  try {
    return parseFileUri(uri, hostOs);
  } catch {
    return undefined;
  }
}
