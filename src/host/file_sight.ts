/** What a confined one finds at a path, whatever is there for others. */
export type FileSight =
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
