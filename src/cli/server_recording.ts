import type { PlatformOs } from "../protocol/file_uri.ts";
import { parseFileUri } from "../protocol/file_uri.ts";
import { cannotExport } from "../machine/remote/find_process.ts";
import { print } from "./print.ts";
import type { ProgramHost } from "./program_host.ts";
import { findShared, type SharedTarget } from "./shared_target.ts";
import { serverDirectory } from "./target.ts";

/** Where a server records to, and how much. */
export interface ServerRecordingOptions {
  /** A path of the server's machine; a new name in its folder of recordings where absent. */
  readonly path: string | undefined;
  readonly maxBytes: number | undefined;
  /** Whether what is typed is recorded, too. */
  readonly keys: boolean;
}

/** Lets a server record a process, and prints the recording's id and its path. @returns the exit status */
export async function recordOnServer(
  { client, ...target }: SharedTarget,
  name: string,
  { path, maxBytes, keys }: ServerRecordingOptions,
  host: ProgramHost,
): Promise<number> {
  if (!client.can("processRecord")) throw cannotExport();
  const { handle, nextSeq } = await findShared({ client, ...target }, name);
  const { processId } = await target.processes.attach(handle, { from: { afterSeq: nextSeq - 1 } });
  const made = await client.call("process/record", {
    processId,
    path: path === undefined ? undefined : serverDirectory(path, client),
    maxBytes,
    input: keys ? "keys" : undefined,
  });
  const native = parseFileUri(made.path, (client.environmentInfo.platformOs ?? "linux") as PlatformOs);
  return await print(host, `${made.recordingId}  ${native}\n`);
}

/** Ends a recording of a server's, and prints what came of it. @returns the exit status: 1 where it had failed */
export async function stopRecording(
  { client }: SharedTarget,
  id: string,
  host: ProgramHost,
): Promise<number> {
  if (!client.can("processRecord")) throw cannotExport();
  const { bytes, gaps, error } = await client.call("process/stopRecording", { recordingId: id });
  const failed = error === null ? "" : `, ended early: ${error}`;
  const status = await print(host, `${bytes} bytes, ${gaps} ${gaps === 1 ? "gap" : "gaps"}${failed}\n`);
  return status || (error === null ? 0 : 1);
}
