import type { ProcessSpawner } from "../../process/child_process.ts";
import { type Libc, openLibc } from "../posix/libc.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { openLibrary } from "./libc.ts";

/** The C library, or why there is no way to it; opened by the first call. */
let library: { libc: Libc } | { reason: unknown } | undefined;

function open(): { libc: Libc } | { reason: unknown } {
  try {
    return { libc: openLibc(openLibrary) };
  } catch (reason) {
    return { reason };
  }
}

/** Whether {@linkcode posix} can start programs: that takes `--allow-ffi`, and a system that is known. */
export function canCallLibc(): boolean {
  library ??= open();
  return "libc" in library;
}

/** Starts programs through the C library; it throws where that cannot be called. */
export const posix: ProcessSpawner = posixSpawner(() => {
  library ??= open();
  if ("libc" in library) return library.libc;
  throw library.reason;
});
