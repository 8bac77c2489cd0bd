import type { FileSight } from "../../host/file_sight.ts";

/** What a policy leaves of the files of this machine. All paths are absolute, and no link is on the way to them. */
export interface View {
  at(path: string): FileSight;
  /** Whether what is there can be neither removed nor replaced: EBUSY. */
  isFixed(path: string): boolean;
  /** Whether a link is to be seen here though nothing else would be. */
  showsLink(path: string): boolean;
}

/** Whether a directory may be gone through. */
export function mayEnter(sight: FileSight): boolean {
  return sight !== "shut" && sight !== "emptyFile" && sight !== "nothing";
}

/** Whether a directory may be listed and heard of, or a file be read. */
export function mayRead(sight: FileSight): boolean {
  return sight === "writable" || sight === "readOnly" || sight === "passage";
}
