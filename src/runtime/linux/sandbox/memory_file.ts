/** Files that are only in memory, and reach a child by their descriptors. */
import { PROCESS_DESCRIPTORS } from "../../../limits.ts";
import { reportDescriptor } from "../runner/layout.ts";
import type { Libc } from "../../posix/libc.ts";
import { cString } from "../../posix/c_strings.ts";
import { systemError } from "../../posix/system_error.ts";

const [MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_EXEC] = [0x1, 0x2, 0x10];
const F_ADD_SEALS = 1033;
/** Nobody can change it any more, nor take this back. */
const allSeals = 0xf;
const SEEK_SET = 0;

/** The lowest number that no child gets another descriptor under before it runs its program. */
const firstFreeNumber = reportDescriptor + PROCESS_DESCRIPTORS + 1;
/** Above whatever is opened to make a sandbox. */
export const firstHighNumber = 64;

/**
 * Makes a file in memory, to be read from its beginning. No child inherits its descriptor unless it is given it.
 *
 * @param kind whether it can be run: it cannot be changed then
 * @throws {Error} with `code`, such as `"EMFILE"`
 */
export function memoryFile(libc: Libc, bytes: Uint8Array, kind: "data" | "program"): number {
  const { c } = libc;
  const name = cString(`exec-server ${kind}`);
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Kernels before 6.3 do not know that files may be told apart so, and let each be run.
  let file = c.memfd_create(name, kind === "program" ? flags | MFD_EXEC : flags);
  if (file < 0 && kind === "program") file = c.memfd_create(name, flags);
  if (file < 0) throw systemError("memfd_create", libc.errno());
  try {
    for (let at = 0; at < bytes.length;) {
      const written = c.write(file, bytes.subarray(at), bytes.length - at);
      if (written < 0) throw systemError("write", libc.errno());
      at += written;
    }
    c.lseek(file, 0, SEEK_SET);
    if (kind === "program") c.fcntl(file, F_ADD_SEALS, allSeals);
    return keepApart(libc, file);
  } catch (error) {
    c.close(file);
    throw error;
  }
}

/**
 * The same descriptor under a number that is none of those which a child has others under. It takes the given one over.
 *
 * @param least the lowest number that it may have
 * @throws {Error} with `code` EMFILE; the given one is the caller's still
 */
export function keepApart(libc: Libc, descriptor: number, least = firstFreeNumber): number {
  if (descriptor >= least) return descriptor;
  const other = duplicateFrom(libc, descriptor, least);
  libc.c.close(descriptor);
  return other;
}

/**
 * Another descriptor for the same, under the lowest free number from one on. No child inherits it.
 *
 * @throws {Error} with `code`, such as `"EMFILE"`
 */
export function duplicateFrom({ c, errno, platform }: Libc, descriptor: number, least: number): number {
  const other = c.fcntl(descriptor, platform.F_DUPFD_CLOEXEC, least);
  if (other < 0) throw systemError("fcntl", errno());
  return other;
}
