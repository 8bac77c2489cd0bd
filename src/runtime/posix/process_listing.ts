/** The processes of this machine through the C library: one call for many names, and one for each session. */
import { arch, platform } from "node:process";
import type { ProcessListing } from "../../host/child_process.ts";
import { cString } from "./c_strings.ts";
import type { CFunctions } from "./libc.ts";

/** The number of the `getdents64` system call, which not every C library has a function for. */
const getdents64Numbers: Readonly<Record<string, number>> = { x64: 217, arm64: 61 };

const O_CLOEXEC = 0o2000000;
const SEEK_SET = 0;
const proc = cString("/proc");
const nothing = new Uint8Array(1);
/** Takes the names of two thousand processes. */
const blockBytes = 64 * 1024;

/**
 * A listing that reads the names in `/proc`, but no file there: that takes the kernel and the runtime over ten times
 * as long. Undefined on a system whose calls it does not know.
 *
 * @param size bytes of names to take with one call
 */
export function processListing(
  c: CFunctions,
  size = blockBytes,
): ProcessListing | undefined {
  const getdents64 = getdents64Numbers[arch];
  if (platform !== "linux" || getdents64 === undefined) return undefined;
  // Kept open: a program that has run out of descriptors must be able to end whom it has started, too.
  let directory = c.open(proc, O_CLOEXEC);
  return {
    pids() {
      if (directory < 0) directory = c.open(proc, O_CLOEXEC);
      if (directory < 0 || c.lseek(directory, 0, SEEK_SET) < 0) return [];
      return readNumbers(c, directory, size);
    },

    sessionOf(pid) {
      const session = c.getsid(pid);
      return session < 0 ? undefined : session;
    },
  };
}

/** The descriptors of this program; undefined where nothing tells them. */
export function openDescriptors(c: CFunctions): number[] | undefined {
  if (platform !== "linux" || getdents64Numbers[arch] === undefined) return undefined;
  const directory = c.open(cString("/proc/self/fd"), O_CLOEXEC);
  if (directory < 0) return undefined;
  const descriptors = readNumbers(c, directory, blockBytes);
  c.close(directory);
  return descriptors;
}

function readNumbers(c: CFunctions, directory: number, size: number): number[] {
  const numbers: number[] = [];
  const block = new Uint8Array(size);
  for (;;) {
    const used = c.syscall(getdents64Numbers[arch]!, directory, block, size, 0, nothing);
    if (used <= 0) return numbers;
    takeNumbers(block.subarray(0, used), numbers);
  }
}

/** Where a `linux_dirent64` has its own length and its name, a NUL behind it. */
const lengthAt = 16;
const nameAt = 19;

/** Takes the names that are numbers, and not 0, out of what `getdents64` wrote. */
function takeNumbers(entries: Uint8Array, numbers: number[]): void {
  for (let at = 0; at < entries.length; at += entries[at + lengthAt]! | entries[at + lengthAt + 1]! << 8) {
    let number = 0;
    let digit = 0;
    for (let i = at + nameAt; (digit = entries[i]! - 0x30) >= 0 && digit <= 9; i++) {
      number = number * 10 + digit;
    }
    if (number > 0) numbers.push(number);
  }
}
