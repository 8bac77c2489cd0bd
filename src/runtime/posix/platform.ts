/**
 * The numbers behind the names of the C headers, for each platform that terminals run on.
 *
 * The Linux column is the same for glibc and musl, x86_64 and aarch64. The macOS column is written after its headers
 * and untested.
 */
import { arch, platform } from "node:process";

/** What the headers of a platform say. */
export interface Platform {
  /** Whether the calls of Linux are there: `inotify`. */
  readonly isLinux: boolean;
  /** Names of the C library, in the order they are tried. */
  readonly libraries: readonly string[];
  /** Name of the function that tells where `errno` is. */
  readonly errnoLocation: string;
  /** Whether arguments after the `...` of a C function are passed on the stack, unlike the ones before. */
  readonly variadicOnStack: boolean;
  /** `O_RDWR | O_NOCTTY | O_CLOEXEC`. */
  readonly openTerminal: number;
  readonly O_RDWR: number;
  readonly O_NONBLOCK: number;
  readonly O_CLOEXEC: number;
  readonly TIOCSWINSZ: number;
  /** Where `c_lflag` is in a `struct termios`. */
  readonly localFlagsAt: number;
  readonly ICANON: number;
  readonly FIONREAD: number;
  readonly F_DUPFD_CLOEXEC: number;
  readonly RLIMIT_NOFILE: number;
  readonly SOL_SOCKET: number;
  readonly SO_ACCEPTCONN: number;
  /** `F_SETPIPE_SZ`; undefined where pipes have the size that they have. */
  readonly F_SETPIPE_SZ: number | undefined;
  /** Flags of `posix_spawn`: a new session, signals at their defaults, an own mask. */
  readonly spawnFlags: number;
}

/** Bits of `pollfd`, the same on every platform. */
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

const linux: Platform = {
  isLinux: true,
  // musl answers to the first name as well; its own name is for a glibc that stands beside it.
  libraries: [
    "libc.so.6",
    `libc.musl-${arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
    "libc.so",
  ],
  errnoLocation: "__errno_location",
  variadicOnStack: false,
  openTerminal: 0x2 | 0x100 | 0x80000,
  O_RDWR: 0x2,
  O_NONBLOCK: 0x800,
  O_CLOEXEC: 0x80000,
  TIOCSWINSZ: 0x5414,
  localFlagsAt: 12,
  ICANON: 0x2,
  FIONREAD: 0x541b,
  F_DUPFD_CLOEXEC: 1030,
  RLIMIT_NOFILE: 7,
  SOL_SOCKET: 1,
  SO_ACCEPTCONN: 30,
  F_SETPIPE_SZ: 1031,
  // POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
  spawnFlags: 0x80 | 0x04 | 0x08,
};

const darwin: Platform = {
  isLinux: false,
  libraries: ["/usr/lib/libSystem.B.dylib"],
  errnoLocation: "__error",
  variadicOnStack: arch === "arm64",
  openTerminal: 0x2 | 0x20000 | 0x1000000,
  O_RDWR: 0x2,
  O_NONBLOCK: 0x4,
  O_CLOEXEC: 0x1000000,
  TIOCSWINSZ: 0x80087467,
  localFlagsAt: 24,
  ICANON: 0x100,
  FIONREAD: 0x4004667f,
  F_DUPFD_CLOEXEC: 67,
  RLIMIT_NOFILE: 8,
  SOL_SOCKET: 0xffff,
  SO_ACCEPTCONN: 0x2,
  F_SETPIPE_SZ: undefined,
  // POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
  spawnFlags: 0x400 | 0x04 | 0x08 | 0x4000,
};

/**
 * The platform this program runs on.
 *
 * @throws {Error} where terminals are not supported
 */
export function currentPlatform(): Platform {
  const known = knownPlatform();
  if (known) return known;
  throw new Error(`Terminals are not supported on "${platform} ${arch}": use Linux or macOS on x64 or arm64`);
}

/** Whether {@linkcode currentPlatform} has an answer. */
export function isKnownPlatform(): boolean {
  return knownPlatform() !== undefined;
}

function knownPlatform(): Platform | undefined {
  if (arch !== "x64" && arch !== "arm64") return undefined;
  return platform === "linux" ? linux : platform === "darwin" ? darwin : undefined;
}
