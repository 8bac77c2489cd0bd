/** Filters of system calls, as programs of the kernel's packet filter. */
import type { FilterName } from "../../../host/confinement.ts";
import { type Processor, type SystemCall, systemCallNumber } from "../runner/system_calls.ts";

/** What a filter answers: the call goes ahead, ends the process, waits for an answer, or fails with an error. */
const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const tellListener = 0x7fc0_0000;
const failWith = (errno: number) => 0x0005_0000 | errno;
const [EPERM, ENOSYS, ENOTSOCK] = [1, 38, 88];
const CLONE_NEWUSER = 0x1000_0000;

/** Where what a filter looks at stands: the low half of each argument, as both processors store it. */
const numberAt = 0;
const processorAt = 4;
const argumentAt = (index: number) => 16 + 8 * index;

const processors: Record<Processor, number> = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 };
/** Bit of the numbers of x86_64's calls with 32-bit pointers, which would pass under other numbers. */
const x32Calls = 0x4000_0000;

/** Address families. */
const [AF_UNIX, AF_INET, AF_INET6, AF_VSOCK] = [1, 2, 10, 40];
/** Requests of `ioctl` that put input into a terminal, as if somebody had typed it for whoever reads there next. */
const [TIOCSTI, TIOCLINUX] = [0x5412, 0x541c];

/** What becomes of some calls. */
interface Rule {
  readonly calls: readonly SystemCall[];
  readonly errno?: number;
  /** Only where an argument is one of these values, or none of them. */
  readonly where?: {
    readonly argument: number;
    readonly is?: readonly number[];
    readonly isNot?: readonly number[];
    /** The bits that are compared; all by default. */
    readonly bits?: number;
  };
}

/** What a filter refuses beside what its name says. */
export type FilterAddition = "withoutNamespaces";

const socketCalls = [
  "connect",
  "accept",
  "accept4",
  "bind",
  "listen",
  "getsockname",
  "setsockopt",
  "getsockopt",
  "shutdown",
  "sendto",
  "recvmmsg",
  "sendmmsg",
] as const;

/** Other ways to do what is refused, and keys, which belong to the user and not to the sandbox. */
const always: readonly Rule[] = [
  { calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"] },
  { calls: ["add_key", "request_key", "keyctl"] },
  { calls: ["ioctl"], where: { argument: 1, is: [TIOCSTI, TIOCLINUX] } },
];

/** Looking into other processes. */
const others = { calls: ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"] } as const;

const ownNetwork = (families: readonly number[]): readonly Rule[] => [
  { calls: ["socket"], where: { argument: 0, isNot: families } },
  { calls: ["socketpair"], where: { argument: 0, isNot: [AF_UNIX] } },
  others,
  ...always,
];

const rules: Record<FilterName, readonly Rule[]> = {
  noNetwork: [
    { calls: ["socket", "socketpair"], where: { argument: 0, isNot: [AF_UNIX] } },
    { calls: socketCalls },
    // bash takes its stdin for a network connection otherwise, and reads what it reads for one.
    { calls: ["getpeername"], errno: ENOTSOCK },
    others,
    ...always,
  ],
  network: [
    // It leads to the machine that this one is a guest of.
    { calls: ["socket", "socketpair"], where: { argument: 0, is: [AF_VSOCK] } },
    ...always,
  ],
  ownNetwork: ownNetwork([AF_INET, AF_INET6]),
  ownNetworkAndUnixSockets: ownNetwork([AF_INET, AF_INET6, AF_UNIX]),
};

/** Requests of `ioctl` that change the flags of files which are open for reading. */
const [FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR] = [0x4008_6602, 0x4004_6602, 0x401c_5820];
const [FS_IOC_SETVERSION, FS_IOC32_SETVERSION] = [0x4008_7602, 0x4004_7602];
/** The bits of a request that tell whose it is, and those of btrfs, which makes and removes subvolumes by them. */
const [ownerBits, ofBtrfs] = [0xff00, 0x9400];

const additions: Record<FilterAddition, readonly Rule[]> = {
  // Landlock does not look at what files have beside their contents. More rights are where other namespaces begin.
  withoutNamespaces: [
    { calls: ["unshare", "clone"], where: { argument: 0, is: [CLONE_NEWUSER], bits: CLONE_NEWUSER } },
    // Its flags cannot be seen; who misses it uses the older call.
    { calls: ["clone3"], errno: ENOSYS },
    { calls: ["chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"] },
    { calls: ["utime", "utimes", "futimesat", "utimensat"] },
    { calls: ["setxattr", "lsetxattr", "fsetxattr", "setxattrat"] },
    { calls: ["removexattr", "lremovexattr", "fremovexattr", "removexattrat"] },
    { calls: ["file_setattr"] },
    {
      calls: ["ioctl"],
      where: {
        argument: 1,
        is: [
          FS_IOC_SETFLAGS,
          FS_IOC32_SETFLAGS,
          FS_IOC_FSSETXATTR,
          FS_IOC_SETVERSION,
          FS_IOC32_SETVERSION,
        ],
      },
    },
    { calls: ["ioctl"], where: { argument: 1, is: [ofBtrfs], bits: ownerBits } },
  ],
};

/** An instruction: what it does, how many to skip where a comparison holds or not, and its value. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const skipUnlessEqual = (value: number, skip: number): Instruction => [0x15, 0, skip, value];
const skipIfEqual = (value: number, skip: number): Instruction => [0x15, skip, 0, value];
const skipUnlessAtLeast = (value: number, skip: number): Instruction => [0x35, 0, skip, value];
const skip = (count: number): Instruction => [0x05, 0, 0, count];
const keepBits = (bits: number): Instruction => [0x54, 0, 0, bits];
const answer = (value: number): Instruction => [0x06, 0, 0, value];

/** The instructions of a filter, as the kernel takes them. */
export function seccompFilter(
  name: FilterName,
  processor: Processor,
  addition?: FilterAddition,
): Uint8Array<ArrayBuffer> {
  const instructions = numbersOf(processor);
  const all = [...rules[name], ...addition ? additions[addition] : []];
  for (const rule of all) instructions.push(...ruleInstructions(rule, processor));
  return encode([...instructions, answer(allow)]);
}

/** The instructions of a filter by which some calls wait for the answer of whoever listens. */
export function notifyingFilter(
  calls: readonly SystemCall[],
  processor: Processor,
): Uint8Array<ArrayBuffer> {
  const instructions = numbersOf(processor);
  for (const call of calls) {
    instructions.push(skipUnlessEqual(systemCallNumber(call, processor), 1), answer(tellListener));
  }
  return encode([...instructions, answer(allow)]);
}

/** Loads a call's number. Calls that would pass under other numbers do not. */
function numbersOf(processor: Processor): Instruction[] {
  return [
    load(processorAt),
    skipIfEqual(processors[processor], 1),
    answer(killProcess),
    load(numberAt),
    ...processor === "x86_64" ? [skipUnlessAtLeast(x32Calls, 1), answer(failWith(EPERM))] : [],
  ];
}

function ruleInstructions({ calls, errno = EPERM, where }: Rule, processor: Processor): Instruction[] {
  const refusal = answer(failWith(errno));
  return calls.flatMap((call) => {
    const consequence = where ? conditional(where, refusal) : [refusal];
    return [skipUnlessEqual(systemCallNumber(call, processor), consequence.length), ...consequence];
  });
}

/** Refuses, or loads the call's number again and goes on. */
function conditional(
  { argument, is, isNot, bits }: NonNullable<Rule["where"]>,
  refusal: Instruction,
): Instruction[] {
  const values = is ?? isNot ?? [];
  // To the refusal, over the skip that stands before it; or over the refusal.
  const comparisons = values.map((value, index) => skipIfEqual(value, values.length - index));
  return [
    load(argumentAt(argument)),
    ...bits === undefined ? [] : [keepBits(bits)],
    ...comparisons,
    ...is ? [skip(1)] : [],
    refusal,
    load(numberAt),
  ];
}

function encode(instructions: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, ifTrue, ifFalse, value], index) => {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, ifTrue);
    view.setUint8(8 * index + 3, ifFalse);
    view.setUint32(8 * index + 4, value >>> 0, true);
  });
  return bytes;
}
