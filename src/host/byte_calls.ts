/**
 * Calls of the C library that take and give names as bytes.
 *
 * The file calls of some runtimes know only names that are text. Where they do, a runtime can hand these in, and
 * files whose names are not UTF-8 are reached too. None but `close` waits on the event loop's thread, and every one fails
 * with an error whose `code` is the symbolic number, such as `"ENOENT"`.
 */
export interface ByteCalls {
  /** `open(2)`; the number of the descriptor, which the caller closes. */
  open(path: Uint8Array, flags: number, mode: number): Promise<number>;
  /** `close(2)` of a descriptor that `open` gave. */
  close(descriptor: number): void;
  /** `mkdir(2)`. */
  mkdir(path: Uint8Array, mode: number): Promise<void>;
  /** `rmdir(2)`. */
  rmdir(path: Uint8Array): Promise<void>;
  /** `unlink(2)`. */
  unlink(path: Uint8Array): Promise<void>;
  /** `rename(2)`. */
  rename(from: Uint8Array, to: Uint8Array): Promise<void>;
  /** `symlink(2)`. */
  symlink(target: Uint8Array, path: Uint8Array): Promise<void>;
  /** `readlink(2)`. */
  readlink(path: Uint8Array): Promise<Uint8Array>;
  /** `realpath(3)`. */
  realpath(path: Uint8Array): Promise<Uint8Array>;
  /**
   * `getdents64(2)`: fills the buffer with the next entries of an open directory, as the kernel lays them out. The bytes
   * used; 0 at the end.
   */
  readEntries(descriptor: number, buffer: Uint8Array): Promise<number>;
}
