/**
 * The C library as the terminals use it. A runtime opens it with its own foreign function interface; everything
 * above this interface is shared.
 */
import { currentPlatform, type Platform } from "./platform.ts";

/** How a value is passed. A buffer is passed as the address of its first byte. */
export type CType = "i32" | "usize" | "buffer";

/** A C function that returns an `int`. `ssize_t` is taken as one: no call here moves 2 GiB. */
interface Signature {
  readonly parameters: readonly CType[];
  /** How many parameters stand before the `...`, where there is one. */
  readonly fixed?: number;
  /** Set where only Linux has it. */
  readonly isLinuxOnly?: boolean;
  /** Its name in the library, where that is called in more ways than one. */
  readonly symbol?: string;
}

function signature<const P extends readonly CType[]>(...parameters: P): { readonly parameters: P } {
  return { parameters };
}

/** Every C function that is called. Those of Linux alone are absent elsewhere, whatever {@linkcode CFunctions} says. */
export const signatures = {
  posix_openpt: signature("i32"),
  grantpt: signature("i32"),
  unlockpt: signature("i32"),
  ptsname_r: signature("i32", "buffer", "usize"),
  open: signature("buffer", "i32"),
  access: signature("buffer", "i32"),
  close: signature("i32"),
  lseek: signature("i32", "usize", "i32"),
  read: signature("i32", "buffer", "usize"),
  write: signature("i32", "buffer", "usize"),
  pwrite: signature("i32", "buffer", "usize", "usize"),
  kill: signature("i32", "i32"),
  pipe: signature("buffer"),
  pipe2: { ...signature("buffer", "i32"), isLinuxOnly: true },
  fcntl: { ...signature("i32", "i32", "usize"), fixed: 2 },
  ioctl: { ...signature("i32", "usize", "buffer"), fixed: 2 },
  tcgetattr: signature("i32", "buffer"),
  tcsetattr: signature("i32", "i32", "buffer"),
  poll: signature("buffer", "usize", "i32"),
  wait4: signature("i32", "buffer", "i32", "buffer"),
  getsid: signature("i32"),
  getrlimit: signature("i32", "buffer"),
  getsockopt: signature("i32", "i32", "i32", "buffer", "buffer"),
  getsockname: signature("i32", "buffer", "buffer"),
  accept: signature("i32", "buffer", "buffer"),
  shutdown: signature("i32", "i32"),
  setsockopt: signature("i32", "i32", "i32", "buffer", "i32"),
  accept4: { ...signature("i32", "buffer", "buffer", "i32"), isLinuxOnly: true },
  socket: signature("i32", "i32", "i32"),
  connect: signature("i32", "buffer", "i32"),
  bind: signature("i32", "buffer", "i32"),
  listen: signature("i32", "i32"),
  splice: { ...signature("i32", "usize", "i32", "usize", "usize", "i32"), isLinuxOnly: true },
  socketpair: signature("i32", "i32", "i32", "buffer"),
  recvmsg: signature("i32", "buffer", "i32"),
  recvfrom: signature("i32", "buffer", "usize", "i32", "buffer", "buffer"),
  sendto: signature("i32", "buffer", "usize", "i32", "buffer", "i32"),
  // As `getdents64` and `statx` are called; only Linux is asked for it, where what stands behind `...` is passed as
  // anything else.
  syscall: signature("usize", "i32", "buffer", "usize", "usize", "buffer"),
  /** With numbers only, or with addresses as numbers. */
  systemCall: {
    ...signature("usize", "usize", "usize", "usize", "usize", "usize", "usize"),
    symbol: "syscall",
    isLinuxOnly: true,
  },
  sigemptyset: signature("buffer"),
  sigdelset: signature("buffer", "i32"),
  posix_spawn: signature("buffer", "buffer", "buffer", "buffer", "buffer", "buffer"),
  posix_spawnattr_init: signature("buffer"),
  posix_spawnattr_destroy: signature("buffer"),
  posix_spawnattr_setflags: signature("buffer", "i32"),
  posix_spawnattr_setsigdefault: signature("buffer", "buffer"),
  posix_spawnattr_setsigmask: signature("buffer", "buffer"),
  posix_spawn_file_actions_init: signature("buffer"),
  posix_spawn_file_actions_destroy: signature("buffer"),
  posix_spawn_file_actions_addopen: signature("buffer", "i32", "buffer", "i32", "i32"),
  posix_spawn_file_actions_adddup2: signature("buffer", "i32", "i32"),
  posix_spawn_file_actions_addchdir_np: signature("buffer", "buffer"),
  memfd_create: { ...signature("buffer", "i32"), isLinuxOnly: true },
  flock: signature("i32", "i32"),
  epoll_create1: { ...signature("i32"), isLinuxOnly: true },
  epoll_ctl: { ...signature("i32", "i32", "i32", "buffer"), isLinuxOnly: true },
  epoll_wait: { ...signature("i32", "buffer", "i32", "i32"), isLinuxOnly: true },
  inotify_init1: { ...signature("i32"), isLinuxOnly: true },
  inotify_add_watch: { ...signature("i32", "buffer", "i32"), isLinuxOnly: true },
  inotify_rm_watch: { ...signature("i32", "i32"), isLinuxOnly: true },
} satisfies Record<string, Signature>;

type Arguments<P extends readonly CType[]> = {
  -readonly [I in keyof P]: P[I] extends "buffer" ? Uint8Array : number;
};

/** The functions of {@linkcode signatures}, to be called. */
export type CFunctions = {
  readonly [Name in keyof typeof signatures]: (
    ...args: Arguments<typeof signatures[Name]["parameters"]>
  ) => number;
};

/** What a runtime's foreign function interface makes of the C library. */
export interface ForeignLibrary {
  /** The functions by name, each declared with {@linkcode declaredParameters}. */
  readonly symbols: Readonly<Record<string, (...args: (number | Uint8Array)[]) => number>>;
  /** The `errno` of the last call. */
  errno(): number;
  /** Where the first byte is; valid as long as the bytes are referred to. */
  addressOf(bytes: Uint8Array): bigint;
  /**
   * Gets ready for {@linkcode ForeignLibrary.poll}, where that takes something that may run out.
   *
   * @throws {Error} with `code`, such as `"EMFILE"`
   */
  startPolling?(): void;
  /**
   * `poll` without a timeout, off the thread: resolves with its result. One at a time. `pollfds` is the caller's to
   * keep alive.
   */
  poll(pollfds: Uint8Array, count: number): Promise<number>;
  /** `posix_spawn`, off the thread: resolves with its result. The arguments are the caller's to keep alive. */
  spawn(...args: Parameters<CFunctions["posix_spawn"]>): Promise<number>;
}

/** The C library, opened. */
export interface Libc extends Pick<ForeignLibrary, "errno" | "addressOf"> {
  readonly platform: Platform;
  readonly c: CFunctions;
  /** See {@linkcode ForeignLibrary.startPolling}. */
  startPolling(): void;
  /** See {@linkcode ForeignLibrary.poll}. */
  pollOffThread(pollfds: Uint8Array, count: number): Promise<number>;
  /** See {@linkcode ForeignLibrary.spawn}. */
  spawnOffThread(...args: Parameters<CFunctions["posix_spawn"]>): Promise<number>;
}

/** The names of the functions that a platform's C library is asked for. */
export function declaredNames(platform: Platform): (keyof typeof signatures)[] {
  const names = Object.keys(signatures) as (keyof typeof signatures)[];
  return names.filter((name) => platform.isLinux || !(signatures[name] as Signature).isLinuxOnly);
}

/** What a function is called in the library. */
export function symbolOf(name: keyof typeof signatures): string {
  const { symbol = name }: Signature = signatures[name];
  return symbol;
}

/**
 * The parameters to declare a function with. Apple's arm64 passes the arguments after a `...` on the stack: those
 * are pushed there by padding that fills up the eight registers.
 */
export function declaredParameters(name: keyof typeof signatures, platform: Platform): CType[] {
  const { parameters, fixed }: Signature = signatures[name];
  if (fixed === undefined || !platform.variadicOnStack) return [...parameters];
  return [...parameters.slice(0, fixed), ...Array(8 - fixed).fill("usize"), ...parameters.slice(fixed)];
}

/**
 * Opens the C library.
 *
 * @param openLibrary opens one library by name; throws where it is not there or not permitted
 * @throws {Error} that says why terminals are not to be had
 */
export function openLibc(openLibrary: (name: string, platform: Platform) => ForeignLibrary): Libc {
  const platform = currentPlatform();
  const failures: unknown[] = [];
  for (const name of platform.libraries) {
    try {
      return bindLibc(openLibrary(name, platform), platform);
    } catch (error) {
      failures.push(error);
    }
  }
  const reason = failures[0] instanceof Error ? failures[0].message : String(failures[0]);
  throw new Error(`Terminals are not available, the C library cannot be called: ${reason}`, {
    cause: failures[0],
  });
}

function bindLibc(library: ForeignLibrary, platform: Platform): Libc {
  const { symbols } = library;
  const padded = (name: keyof typeof signatures) => (...args: (number | Uint8Array)[]) => {
    const { fixed }: Signature = signatures[name];
    return symbols[name]!(...args.slice(0, fixed), ...Array(8 - fixed!).fill(0), ...args.slice(fixed));
  };
  return {
    platform,
    c: (platform.variadicOnStack
      ? { ...symbols, fcntl: padded("fcntl"), ioctl: padded("ioctl") }
      : symbols) as unknown as CFunctions,
    errno: () => library.errno(),
    addressOf: (bytes) => library.addressOf(bytes),
    startPolling: () => library.startPolling?.(),
    pollOffThread: (pollfds, count) => library.poll(pollfds, count),
    spawnOffThread: (...args) => library.spawn(...args),
  };
}
