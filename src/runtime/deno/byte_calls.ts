import { arch, platform } from "node:process";
import type { ByteCalls } from "../../host/byte_calls.ts";
import { PATH_BYTES } from "../../limits.ts";
import { systemError } from "../posix/system_error.ts";
import { openFunctions } from "./libc.ts";

/**
 * The C library's calls with names as bytes, which Deno's own file calls do not take. Undefined where they are not to
 * be had: elsewhere than on Linux, and without `--allow-ffi`.
 */
export function openByteCalls(): ByteCalls | undefined {
  const getdents64 = getdentsNumbers[arch];
  if (platform !== "linux" || getdents64 === undefined) return undefined;
  const here = openFunctions(declarations);
  const elsewhere = here && openFunctions(offThread);
  if (!elsewhere) return undefined;
  const errnoAt = new Deno.UnsafePointerView(here.__errno_location()!);

  /**
   * Waits for a call on another thread. That thread has the number of its error: made again, this one has it. The call has
   * failed a moment ago, so that it does not wait long for it.
   */
  async function outcome<Result extends number | bigint | Deno.PointerValue>(
    call: string,
    first: Promise<Result>,
    again: () => Result,
  ): Promise<Result> {
    const result = await first;
    if (!isFailure(result)) return result;
    const second = again();
    if (isFailure(second)) throw systemError(call, errnoAt.getInt32());
    return second;
  }

  return {
    open: (path, flags, mode) => {
      const args = [cString(path), flags | O_CLOEXEC, mode] as const;
      return outcome("open", elsewhere.open(...args), () => here.open(...args));
    },
    close: (descriptor) => {
      if (here.close(descriptor) < 0) throw systemError("close", errnoAt.getInt32());
    },
    mkdir: async (path, mode) => {
      const args = [cString(path), mode] as const;
      await outcome("mkdir", elsewhere.mkdir(...args), () => here.mkdir(...args));
    },
    rmdir: async (path) => {
      const name = cString(path);
      await outcome("rmdir", elsewhere.rmdir(name), () => here.rmdir(name));
    },
    unlink: async (path) => {
      const name = cString(path);
      await outcome("unlink", elsewhere.unlink(name), () => here.unlink(name));
    },
    rename: async (from, to) => {
      const args = [cString(from), cString(to)] as const;
      await outcome("rename", elsewhere.rename(...args), () => here.rename(...args));
    },
    symlink: async (target, path) => {
      const args = [cString(target), cString(path)] as const;
      await outcome("symlink", elsewhere.symlink(...args), () => here.symlink(...args));
    },
    readlink: async (path) => {
      const target = new Uint8Array(PATH_BYTES);
      const args = [cString(path), target, BigInt(target.length)] as const;
      const used = await outcome("readlink", elsewhere.readlink(...args), () => here.readlink(...args));
      return target.subarray(0, Number(used));
    },
    realpath: async (path) => {
      const real = new Uint8Array(PATH_BYTES);
      const args = [cString(path), real] as const;
      await outcome("realpath", elsewhere.realpath(...args), () => here.realpath(...args));
      return real.subarray(0, real.indexOf(0));
    },
    readEntries: async (descriptor, buffer) => {
      const block = buffer as Uint8Array<ArrayBuffer>;
      const args = [getdents64, descriptor, block, BigInt(block.length)] as const;
      return Number(await outcome("getdents64", elsewhere.syscall(...args), () => here.syscall(...args)));
    },
  };
}

function isFailure(result: number | bigint | Deno.PointerValue): boolean {
  return result === null || (typeof result !== "object" && result < 0);
}

/** The number of the `getdents64` system call, which not every C library has a function for. */
const getdentsNumbers: Readonly<Record<string, bigint>> = { x64: 217n, arm64: 61n };

const O_CLOEXEC = 0o2000000;

function cString(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const string = new Uint8Array(bytes.length + 1);
  string.set(bytes);
  return string;
}

const declarations = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  symlink: { parameters: ["buffer", "buffer"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  realpath: { parameters: ["buffer", "buffer"], result: "pointer" },
  // As `getdents64` is called.
  syscall: { parameters: ["isize", "i32", "buffer", "usize"], result: "isize" },
} as const;

const offThread = {
  open: { ...declarations.open, nonblocking: true },
  mkdir: { ...declarations.mkdir, nonblocking: true },
  rmdir: { ...declarations.rmdir, nonblocking: true },
  unlink: { ...declarations.unlink, nonblocking: true },
  rename: { ...declarations.rename, nonblocking: true },
  symlink: { ...declarations.symlink, nonblocking: true },
  readlink: { ...declarations.readlink, nonblocking: true },
  realpath: { ...declarations.realpath, nonblocking: true },
  syscall: { ...declarations.syscall, nonblocking: true },
} as const;
