/** Numbers of system calls, by processor. */
import { arch } from "node:process";

/** A processor that this program has numbers and instructions for. */
export type Processor = "x86_64" | "aarch64";

/** The processor that this program runs on; undefined for another. */
export const thisProcessor: Processor | undefined = arch === "x64"
  ? "x86_64"
  : arch === "arm64"
  ? "aarch64"
  : undefined;

/** What a processor does not have; nobody can make it. */
const none = -1;

/** Linux's own column for each processor. */
const numbers = {
  accept4: [288, 242],
  accept: [43, 202],
  add_key: [248, 217],
  bind: [49, 200],
  capset: [126, 91],
  chdir: [80, 49],
  chmod: [90, none],
  chown: [92, none],
  clone: [56, 220],
  clone3: [435, 435],
  close: [3, 57],
  close_range: [436, 436],
  connect: [42, 203],
  dup3: [292, 24],
  execve: [59, 221],
  execveat: [322, 281],
  exit_group: [231, 94],
  fchdir: [81, 50],
  fchmod: [91, 52],
  fchmodat2: [452, 452],
  fchmodat: [268, 53],
  fchown: [93, 55],
  fchownat: [260, 54],
  fcntl: [72, 25],
  file_setattr: [469, 469],
  fremovexattr: [199, 16],
  fsconfig: [431, 431],
  fsetxattr: [190, 7],
  fsmount: [432, 432],
  fsopen: [430, 430],
  futimesat: [261, none],
  getpeername: [52, 205],
  getsockname: [51, 204],
  getsockopt: [55, 209],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  ioctl: [16, 29],
  keyctl: [250, 219],
  landlock_add_rule: [445, 445],
  landlock_create_ruleset: [444, 444],
  landlock_restrict_self: [446, 446],
  lchown: [94, none],
  listen: [50, 201],
  lseek: [8, 62],
  lremovexattr: [198, 15],
  lsetxattr: [189, 6],
  mkdirat: [258, 34],
  mknodat: [259, 33],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  open_tree: [428, 428],
  openat2: [437, 437],
  openat: [257, 56],
  pidfd_getfd: [438, 438],
  pidfd_open: [434, 434],
  pipe2: [293, 59],
  pivot_root: [155, 41],
  prctl: [157, 167],
  pread64: [17, 67],
  prlimit64: [302, 261],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  pwrite64: [18, 68],
  read: [0, 63],
  readlinkat: [267, 78],
  recvmmsg: [299, 243],
  removexattr: [197, 14],
  removexattrat: [466, 466],
  request_key: [249, 218],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  seccomp: [317, 277],
  sendmmsg: [307, 269],
  sendmsg: [46, 211],
  sendto: [44, 206],
  setpgid: [109, 154],
  setsockopt: [54, 208],
  setxattr: [188, 5],
  setxattrat: [463, 463],
  shutdown: [48, 210],
  socket: [41, 198],
  socketpair: [53, 199],
  symlinkat: [266, 36],
  umount2: [166, 39],
  unlinkat: [263, 35],
  unshare: [272, 97],
  utime: [132, none],
  utimensat: [280, 88],
  utimes: [235, none],
  wait4: [61, 260],
  write: [1, 64],
} as const;

export type SystemCall = keyof typeof numbers;

/** The number of a system call; one that nobody can make for what the processor does not have. */
export function systemCallNumber(call: SystemCall, processor: Processor): number {
  return numbers[call][processor === "x86_64" ? 0 : 1];
}
