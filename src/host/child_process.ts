import type { Plan, SandboxMechanism } from "./confinement.ts";
import type { NetworkConnection } from "./network.ts";
import type { OnExec, StandardDescriptors } from "./pending_exec.ts";
import type { HeldLimits, LimitName, LimitSupport, ProcessLimits, WatchedLimits } from "./process_limits.ts";
import type { DescriptorRequest } from "../protocol/schemas/descriptors.ts";
import type { OutputStream, TerminalSize } from "../protocol/schemas/process.ts";

/** What this machine is asked for: to start a child behind pipes or behind a terminal. `src/runtime` fills it in. */

/** How to start a child. */
export interface SpawnRequest {
  /** Absolute path of the program. */
  readonly program: string;
  /** What the program sees as its argv[0]. */
  readonly argv0: string;
  /** The arguments after argv[0]. */
  readonly args: readonly string[];
  /** Absolute path of the directory it starts in. */
  readonly cwd: string;
  /** Its complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it has beside descriptors 0, 1 and 2; nothing by default. A runtime that cannot refuses. */
  readonly descriptors?: readonly DescriptorRequest[] | undefined;
}

/** How to start a child behind pipes. */
export interface PipeSpawnRequest extends SpawnRequest {
  /** A pipe to write to, or `/dev/null`. */
  readonly stdin: "pipe" | "null";
}

/** How to start a child behind a terminal. */
export interface TerminalSpawnRequest extends SpawnRequest {
  readonly size: TerminalSize;
}

/** How to start a child with descriptors that another process has. */
export interface BorrowingSpawnRequest extends SpawnRequest {
  readonly standard: StandardDescriptors;
}

/** Where bytes of a child come from. One reader; calls are made one after the other. */
export interface ByteSource {
  /**
   * The next bytes, of at least one and at most `maxBytes` bytes, in a buffer that is the caller's to keep; null at
   * the end. A broken pipe or a terminal that hung up is an end, not an error.
   */
  read(maxBytes: number): Promise<Uint8Array | null>;
  /**
   * Lets the kernel hold far more of a flood, so that its reader need not come for every little bit; false where that
   * cannot be had. Absent where it never can.
   */
  enlarge?(): boolean;
  /**
   * Gives up on whoever still writes: the stream ends behind what was written by now. Absent where nobody can tell how
   * much that is.
   */
  finish?(): void;
  /** Gives up on the stream: a pending and every later read answers null. */
  cancel(): void;
}

/** Where bytes for a child go. Calls are made one after the other. */
export interface ByteSink {
  /**
   * Writes all bytes. Resolves when the kernel took them, so a child that does not read holds its writer up.
   *
   * @throws when the child has closed its end
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Signals the end of input and frees the descriptor. Idempotent; also ends a write that is held up. */
  close(): Promise<void>;
}

/** How a child ended: by an exit status, or by a signal such as `"SIGKILL"`. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
  /** Seconds of processor time that it used, and those whose end it waited for; absent where nobody counted. */
  readonly cpuSeconds?: number | undefined;
}

/** Tells which processes this machine runs, and of which sessions they are. */
export interface ProcessListing {
  /** The numbers of all processes that may be seen; none where the system does not list them. */
  pids(): Iterable<number>;
  /** The number of a session's leader, for a process of it; undefined for one that has ended or may not be seen. */
  sessionOf(pid: number): number | undefined;
}

/** This program's ends of a child's streams, by which another one can take the child over. */
export type ChildDescriptors =
  | {
    readonly kind: "pipes";
    readonly stdin: number | null;
    readonly stdout: number;
    readonly stderr: number;
  }
  | { readonly kind: "terminal"; readonly master: number; readonly slave: number };

/** A started child, leader of its own session and process group. */
export interface ChildProcess {
  readonly pid: number;
  /** Every stream its output arrives on. */
  readonly outputs: readonly { readonly stream: OutputStream; readonly source: ByteSource }[];
  /** Null where stdin is `/dev/null`. */
  readonly stdin: ByteSink | null;
  /** Those of its descriptors beyond 2 that it reads, by number; absent where it has none. */
  readonly inputs?: ReadonlyMap<number, ByteSink> | undefined;
  /**
   * Resolves when the child has been reaped, and what it wrote before has been given to whoever reads it by the time that
   * this is asked for. Never rejects.
   */
  readonly exit: Promise<ExitStatus>;
  /** Changes the size of its terminal; absent behind pipes. */
  readonly resize?: (size: TerminalSize) => void;
  /** Whether it reads a line from its terminal that is not shown, such as a password; absent behind pipes. */
  readonly readsSecret?: () => boolean;
  /**
   * The process group that signals go to, where that is not its own: what it was started through then stands between,
   * and would end by them.
   */
  readonly group?: number | undefined;
  /**
   * Whether its sandbox seems to have stopped it, given its exit code and its output until then; absent where it has none.
   */
  readonly seemsDenied?: ((exitCode: number, output: readonly Uint8Array[]) => boolean) | undefined;
  /** What it runs under; absent where it may use what it likes. */
  readonly limits?: HeldLimits | undefined;
  /** Begins to watch them, given what ends the process. */
  readonly watchLimits?: ((end: () => void) => WatchedLimits) | undefined;
  /** A quicker way to look for its relatives than the files of `/proc`; absent where the runtime has none. */
  readonly processes?: ProcessListing | undefined;
  /** Ends what is no process of the operating system's, and has no number there. Absent for all that are. */
  readonly end?: () => void;
  /** Valid until its streams have ended; absent where the runtime has none to tell. */
  readonly descriptors?: ChildDescriptors;
}

/** How to start a confined child. Its program is looked for in the confined one's view. */
export interface ConfinedSpawnRequest {
  readonly plan: Plan;
  /** None by default. */
  readonly limits?: ProcessLimits | undefined;
  readonly child: PipeSpawnRequest | TerminalSpawnRequest | BorrowingSpawnRequest;
  /** Decides about what it and its descendants run; the kernel alone does by default. */
  readonly onExec?: OnExec | undefined;
  /** Called with each connection to a port that the plan listens on, until the child has been reaped. */
  readonly onConnection?: ((port: number, connection: NetworkConnection) => void) | undefined;
  /** Who looks after what the plan catches; nobody by default: nothing is caught then. */
  readonly caught?: CaughtNetwork | undefined;
}

/** Looks after a network whose connections all end here. */
export interface CaughtNetwork {
  /** Serves a connection, given where it was to lead; undefined where it was to lead here. */
  connect(destination: { address: string; port: number } | undefined, connection: NetworkConnection): void;
  /** Serves a connection to the name server. */
  askByStream(connection: NetworkConnection): void;
  /** Answers a question to it; undefined where there is no answer. */
  answer(question: Uint8Array): Uint8Array | undefined;
}

/** Some paths. */
export interface PathSet {
  has(path: string): boolean;
}

/** Starts confined children. */
export interface ConfinedStarts {
  /**
   * Tells the paths where something stands only for confined children, as it is when it is asked: a policy is to take them
   * for missing.
   */
  placeholders(): Promise<PathSet>;
  /**
   * Starts a child, which runs its program when it is answered.
   *
   * A failed start leaves nothing behind. It throws an error whose `code` is the operating system's, such as `"ENOENT"`,
   * where the program does not run.
   *
   * @throws {NotConfinedError} where the sandbox does not stand
   * @throws {UnenforceableLimitError} for a limit that cannot be kept
   * @throws {UndecidedExecsError} where nobody can decide about what it runs
   */
  start(request: ConfinedSpawnRequest): Promise<ChildProcess>;
  /** Whether nothing is known to keep this machine from catching the connections of a child. */
  mayCatch(): boolean;
  /** Has a bubblewrap be used that lies elsewhere than it is looked for. */
  useBubblewrap(path: string): void;
  /** Has sandboxes be made in another way than by bubblewrap, from the next start on. */
  useMechanism(mechanism: SandboxMechanism): void;
  /** Removes what is left of confined children of servers that were killed. */
  sweep(): Promise<void>;
}

/** Starts children that may use only so much. */
export interface LimitedStarts {
  /** What becomes of each limit here. */
  support(): Promise<Readonly<Record<LimitName, LimitSupport>>>;
  /**
   * Starts a child, which runs its program when it is answered; as {@linkcode ConfinedStarts.start} fails.
   *
   * @throws {UnenforceableLimitError} for a limit that cannot be kept
   */
  start(limits: ProcessLimits, child: PipeSpawnRequest | TerminalSpawnRequest): Promise<ChildProcess>;
}

/** Starts children about whose programs somebody decides. */
export interface DecidedStarts {
  /** Whether this machine lets somebody decide, as far as can be told without trying it. */
  isThere(): boolean;
  /** Starts a child that is not confined; as {@linkcode ConfinedStarts.start} fails. */
  start(request: Omit<ConfinedSpawnRequest, "plan" | "onConnection">): Promise<ChildProcess>;
}

/** What becomes of children when this program ends, in whatever way. */
export interface ProgramEnd {
  /** Has everything that is started from now on end with this program, SIGKILL included. What it takes begins with a start. */
  watch(): Promise<void>;
  /** Whether also those are found that left the session of their process and lost their parent. */
  daemons(): Promise<LimitSupport>;
}

/**
 * Starts children.
 *
 * A failed start throws an error whose `code` is the operating system's (`"ENOENT"`, `"EACCES"`, ...), and leaves
 * nothing behind.
 */
export interface ProcessSpawner {
  spawnPipes(request: PipeSpawnRequest): ChildProcess;
  /** @throws {Error} that says why, where this platform or runtime has no terminals */
  spawnTerminal(request: TerminalSpawnRequest): ChildProcess;
  /**
   * Takes over a child that this program started before it was replaced by another one. The descriptors belong to it from
   * now on. Absent where the runtime cannot.
   */
  adopt?(pid: number, descriptors: ChildDescriptors): ChildProcess;
  /**
   * The same, for what may lie on a file system that does not answer: only the caller waits. Absent where a start always
   * holds up the whole program.
   */
  readonly inTime?: {
    spawnPipes(request: PipeSpawnRequest): Promise<ChildProcess>;
    spawnTerminal(request: TerminalSpawnRequest): Promise<ChildProcess>;
  } | undefined;
  /** Starts confined children, absent where none can be. What it takes is loaded by the first call. */
  readonly confined?: ConfinedStarts | undefined;
  /** The same with limits, absent where the kernel knows none. */
  readonly limited?: LimitedStarts | undefined;
  /** Absent where nobody can decide about what children run. */
  readonly decided?: DecidedStarts | undefined;
  /** Absent where children outlive this program when it is killed. */
  readonly programEnd?: ProgramEnd | undefined;
}
