import type { FileMetadata } from "../machine/file_system.ts";
import { NotFoundError, ServerError } from "../machine/machine_error.ts";
import type { CopyEnd } from "./copy_ends.ts";

/** Something is not copied, for a reason that its text tells. */
export class CopyError extends Error {
  override readonly name = "CopyError";
}

/** Where copies go: what has the name there now. */
export interface CopyTarget {
  readonly end: CopyEnd;
  readonly kind: "directory" | "file" | "nothing";
}

/**
 * Looks at where copies go.
 *
 * @throws {CopyError} for several that do not go into a directory, and for a directory that is not there
 */
export async function copyTarget(end: CopyEnd, sources: number): Promise<CopyTarget> {
  const found = await statOf(end);
  const kind = found === undefined ? "nothing" : found.isDirectory ? "directory" : "file";
  if (sources > 1 && kind !== "directory") {
    throw new CopyError(`"${end.word}" is no directory, which several copies would go to`);
  }
  if (kind === "file" && end.given.endsWith("/")) throw new CopyError(`"${end.word}" is no directory`);
  if (kind !== "nothing") return { end, kind };
  const parent = end.path.replace(/[/\\]+$/, "").replace(/[/\\][^/\\]*$/, "") || "/";
  const above = await statOf({ ...end, path: parent });
  if (!above?.isDirectory) throw new CopyError(`There is no directory "${parent}" for "${end.word}"`);
  return { end, kind };
}

/**
 * The name that a copy has there, as `cp -r` gives it: in a directory the source's own, else the target's. What is called
 * `.` or has no name goes right into a directory.
 *
 * @throws {CopyError} where the two do not go together
 */
export async function placeFor(
  source: CopyEnd,
  { end, kind }: CopyTarget,
  { recursive }: { readonly recursive: boolean },
): Promise<CopyEnd> {
  const found = await statOf(source);
  if (!found) throw new CopyError("there is no such file or directory");
  if (found.isDirectory && !recursive) throw new CopyError("it is a directory: give -r to copy it");
  const name = /([^/\\]*)[/\\]*$/.exec(source.given)![1]!;
  const isNameless = ["", ".", "..", "~"].includes(name);
  const path = end.path.replace(/\/+$/, "");
  const place = kind === "directory" && !isNameless ? { ...end, path: `${path}/${name}` } : end;
  const there = place === end ? kind : kindOf(await statOf(place));
  if (found.isDirectory && there === "file") {
    throw new CopyError(`"${place.path}" is there, and no directory`);
  }
  if (!found.isDirectory && there === "directory") {
    throw new CopyError(`"${place.path}" is a directory there`);
  }
  if (!found.isDirectory && there === "nothing" && place.given.endsWith("/") && place === end) {
    throw new CopyError(`there is no directory "${end.word}"`);
  }
  await refuseItself(source, place, there !== "nothing");
  return place;
}

/** @throws {CopyError} where something would be copied onto itself, or into itself without an end */
async function refuseItself(source: CopyEnd, place: CopyEnd, exists: boolean): Promise<void> {
  if (source.files !== place.files) return;
  const from = await source.files.canonicalize(source.path);
  const at = place.path.replace(/\/+$/, "").lastIndexOf("/");
  const parent = place.path.slice(0, at) || "/";
  const to = exists
    ? await place.files.canonicalize(place.path)
    : `${await place.files.canonicalize(parent)}/${place.path.slice(at + 1)}`;
  if (from === to) throw new CopyError(`"${source.word}" and "${place.word}" are the same`);
  if (to.startsWith(`${from.replace(/\/$/, "")}/`)) throw new CopyError(`"${place.word}" is in it`);
}

function kindOf(found: FileMetadata | undefined): CopyTarget["kind"] {
  return found === undefined ? "nothing" : found.isDirectory ? "directory" : "file";
}

async function statOf({ files, path }: CopyEnd): Promise<FileMetadata | undefined> {
  try {
    return await files.stat(path);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (error instanceof ServerError && error.code === "ENOTDIR") return undefined;
    throw error;
  }
}
