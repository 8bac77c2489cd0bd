import { constants } from "node:os";
import { arch, platform } from "node:process";
import type { ByteCalls } from "../../file_system/byte_calls.ts";

/**
 * The C library's calls with names as bytes, which Deno's own file calls do not take. Undefined where they are not to
 * be had: elsewhere than on Linux, and without `--allow-ffi`.
 */
export function openByteCalls(): ByteCalls | undefined {
  const getdents64 = getdentsNumbers[arch];
  if (platform !== "linux" || getdents64 === undefined) return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  const libc = openLibc();
  if (!libc) return undefined;
  const { symbols } = libc;
  const errnoAt = new Deno.UnsafePointerView(symbols.__errno_location()!);

  function check<Result extends number | bigint>(call: string, result: Result): Result {
    if (result < 0) throw systemError(call, errnoAt.getInt32());
    return result;
  }

  return {
    open: (path, flags, mode) => check("open", symbols.open(cString(path), flags | O_CLOEXEC, mode)),
    close: (descriptor) => void check("close", symbols.close(descriptor)),
    mkdir: (path, mode) => void check("mkdir", symbols.mkdir(cString(path), mode)),
    rmdir: (path) => void check("rmdir", symbols.rmdir(cString(path))),
    unlink: (path) => void check("unlink", symbols.unlink(cString(path))),
    symlink: (target, path) => void check("symlink", symbols.symlink(cString(target), cString(path))),
    readlink: (path) => {
      const target = new Uint8Array(PATH_MAX);
      const used = check("readlink", symbols.readlink(cString(path), target, BigInt(target.length)));
      return target.subarray(0, Number(used));
    },
    realpath: (path) => {
      const real = new Uint8Array(PATH_MAX);
      if (symbols.realpath(cString(path), real) === null) throw systemError("realpath", errnoAt.getInt32());
      return real.subarray(0, real.indexOf(0));
    },
    readEntries: async (descriptor, buffer) => {
      const block = buffer as Uint8Array<ArrayBuffer>;
      const size = BigInt(block.length);
      const used = await symbols.syscallOffThread(getdents64, descriptor, block, size);
      // Another thread has the number of that error; asked again, this one has.
      return Number(
        used >= 0 ? used : check("getdents64", symbols.syscall(getdents64, descriptor, block, size)),
      );
    },
  };
}

/** The number of the `getdents64` system call, which not every C library has a function for. */
const getdentsNumbers: Readonly<Record<string, bigint>> = { x64: 217n, arm64: 61n };

/** The longest path that the kernel takes, with its NUL. */
const PATH_MAX = 4096;
const O_CLOEXEC = 0o2000000;

const errorCodes = new Map(Object.entries(constants.errno).reverse().map(([code, errno]) => [errno, code]));

function systemError(call: string, errno: number): Error {
  const code = errorCodes.get(errno) ?? `E${errno}`;
  return Object.assign(new Error(`${call} failed with ${code}`), { code, errno });
}

function cString(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const string = new Uint8Array(bytes.length + 1);
  string.set(bytes);
  return string;
}

function openLibc() {
  const musl = `libc.musl-${arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  for (const name of ["libc.so.6", musl]) {
    try {
      return Deno.dlopen(name, declarations);
    } catch {
      // The other C library, then.
    }
  }
  return undefined;
}

const getdents64 = ["isize", "i32", "buffer", "usize"] as const;

const declarations = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  symlink: { parameters: ["buffer", "buffer"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  realpath: { parameters: ["buffer", "buffer"], result: "pointer" },
  syscall: { parameters: getdents64, result: "isize" },
  syscallOffThread: { name: "syscall", parameters: getdents64, result: "isize", nonblocking: true },
} as const;
