/** What a confined one finds at a path, whatever is there for others. */
export type Sight =
  /** What is there. */
  | "writable"
  /** What is there; changes are answered EROFS. */
  | "readOnly"
  /** A directory of which there is only what leads to something that is open. */
  | "passage"
  /** The same, and it cannot be listed. */
  | "narrowPassage"
  /** A directory or file that can be neither entered, listed nor read. */
  | "shut"
  /** Nothing is there, and whoever would make something finds an empty directory or file that may not be written to. */
  | "emptyDirectory"
  | "emptyFile"
  /** It is not there. */
  | "nothing";

/** What a policy leaves of the files of this machine. All paths are absolute, and no link is on the way to them. */
export interface View {
  at(path: string): Sight;
  /** Whether what is there can be neither removed nor replaced: EBUSY. */
  isFixed(path: string): boolean;
  /** Whether a link is to be seen here though nothing else would be. */
  showsLink(path: string): boolean;
}

/** Whether a directory may be gone through. */
export function mayEnter(sight: Sight): boolean {
  return sight !== "shut" && sight !== "emptyFile" && sight !== "nothing";
}

/** Whether a directory may be listed and heard of, or a file be read. */
export function mayRead(sight: Sight): boolean {
  return sight === "writable" || sight === "readOnly" || sight === "passage";
}
