import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { RECORDINGS_LISTED } from "../limits.ts";

/** A recording in a server's folder. */
export interface ListedRecording {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAtMs: number;
  /** Of which process it is, where its name says so. */
  readonly handle: string | undefined;
}

/** Which recordings there are. */
export interface RecordingList {
  readonly recordings: readonly ListedRecording[];
  /** Whether there are more, which are older. */
  readonly isCut: boolean;
}

/** A name as a recorder gives it: when it began, and of which process. */
const namePattern = /^\d{8}T\d{6}-([0-9a-f-]{36})(?:-[0-9a-f]{8})?\.cast$/;

/**
 * The recordings in a folder, the newest by its name first. What it waits for may not answer.
 *
 * @throws {Error} the operating system's, where the folder cannot be read
 */
export async function listRecordings(folder: string): Promise<RecordingList> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".cast") && !name.includes("\ufffd"));
  names.sort().reverse();
  const recordings: ListedRecording[] = [];
  for (const name of names.slice(0, RECORDINGS_LISTED)) {
    const path = join(folder, name);
    // One that has gone meanwhile is not there, as one that is not a file.
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) continue;
    const handle = namePattern.exec(name)?.[1];
    recordings.push({ path, bytes: found.size, modifiedAtMs: Math.round(found.mtimeMs), handle });
  }
  return { recordings, isCut: names.length > RECORDINGS_LISTED };
}
