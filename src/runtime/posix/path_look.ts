/** Looks at paths through the C library, which takes a fifth of what the runtimes' own calls take. */
import { constants } from "node:os";
import { arch } from "node:process";
import { lookByRuntime, type PathKind, pathKinds } from "../../host/path_kind.ts";
import { PATH_BYTES } from "../../limits.ts";
import type { Libc } from "./libc.ts";

/** The number of the `statx` system call, which not every C library has a function for. */
const statxNumbers: Readonly<Record<string, number>> = { x64: 332, arm64: 291 };
const AT_FDCWD = -100;
/** Of a link itself, without mounting anything. */
const flags = 0x100 | 0x800;
const STATX_TYPE = 1;
const statxBytes = 256;
const missing = new Set([constants.errno.ENOENT, constants.errno.ENOTDIR]);
/** Where the low half of `stx_mask` and `stx_mode` stand in a `struct statx`. */
const [maskAt, modeAt] = [0, 28 / 2];
const typeBits = 0o170000;
const kinds: Readonly<Record<number, PathKind>> = { 0o040000: "directory", 0o120000: "link" };

/** Has paths be looked at so, where the kernel can. */
export function lookThrough(libc: Libc): void {
  const statx = statxNumbers[arch];
  if (!libc.platform.isLinux || statx === undefined) return;
  const encoder = new TextEncoder();
  const name = new Uint8Array(PATH_BYTES);
  const found = new Uint8Array(statxBytes);
  const words = new Uint16Array(found.buffer);
  pathKinds.lookWith((path) => {
    const { read, written } = encoder.encodeInto(path, name);
    // What C would take for another path is left to who refuses it.
    if (read < path.length || written === PATH_BYTES || path.includes("\0")) return lookByRuntime(path);
    name[written] = 0;
    if (libc.c.syscall(statx, AT_FDCWD, name, flags, STATX_TYPE, found) < 0) {
      return missing.has(libc.errno()) ? "missing" : lookByRuntime(path);
    }
    if ((words[maskAt]! & STATX_TYPE) === 0) return lookByRuntime(path);
    return kinds[words[modeAt]! & typeBits] ?? "file";
  });
}
