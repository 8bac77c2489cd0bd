/** What is heard of a directory: all that happens to what is in it, or only which names come and go. */
export type Heard = "contents" | "names";

/** What happened to a name in the directory, to the directory itself (`""`), or that it is not known (undefined). */
export type ChangeListener = (name: string | undefined) => void;

/**
 * Tells of what happens in directories, and opens nothing that it hears of: an open of a FIFO would wait for its other
 * end, and the whole program with it.
 */
export interface DirectoryNotifier {
  /**
   * Tells of one directory, not of those below it, until it is disposed. Names are escaped as path_text.ts says.
   *
   * @param path leads to a directory that is at hand, so that looking it up waits for nothing
   * @throws {Error} with `code`, such as `"ENOSPC"` when the system gives no more watches
   */
  watch(path: string, heard: Heard, listener: ChangeListener): Disposable;
}
