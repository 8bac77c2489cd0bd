import type { EventsOptions } from "../log/log_cursor.ts";
import type { ProcessEvent, ProcessState } from "../log/process_event.ts";
import type { ProcessReadOptions } from "../log/wait_and_read.ts";
import type { DescriptorRequest } from "./descriptors_request.ts";
import type { LimitsRequest } from "./limits_request.ts";
import type { ExecPolicyRequest } from "./exec_policy_request.ts";
import type { SandboxRequest } from "./sandbox_request.ts";
import type { ProcessDescriptor } from "./process_descriptor.ts";
import type { ProcessEnd } from "./process_end.ts";
import type { ProcessScreen, ScreenOptions } from "./process_screen.ts";
import type { WriteStatus } from "./write_status.ts";
import type { EnvPolicy, OutputStream, SignalName, TerminalSize } from "../protocol/schemas/process.ts";

/** What a terminal does for a program that nobody may be looking at. */
export interface ScreenRequest {
  /**
   * Answer what the program asks its terminal: what it is, where its cursor is, its modes, colours and size. Without an
   * answer many programs wait for ever. Not where the output is shown on a real terminal, for that one answers too; false
   * by default. A server that cannot refuses the start.
   */
  readonly answers?: boolean | undefined;
}

/** How to start a process, wherever it runs. */
export interface StartRequest {
  /** The program and its arguments; no shell is added. */
  readonly argv: readonly string[];
  /** Where it starts: an absolute path of its machine, or a `file:` URI; the backend's own directory by default. */
  readonly cwd?: string | undefined;
  /** Variables, laid over what `envPolicy` makes. On a terminal, TERM is `xterm-256color` unless one of the two says it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * What it gets of its machine's environment; the core variables (`HOME`, `PATH`, ...) by default. Null: nothing, so
   * that it has exactly `env`.
   */
  readonly envPolicy?: EnvPolicy | null | undefined;
  /** What it sees as its argv[0]; the program as it was named by default. */
  readonly arg0?: string | undefined;
  /** Behind pipes, a stdin to write to; otherwise it is `/dev/null`. A terminal can always be written to. */
  readonly pipeStdin?: boolean | undefined;
  /** A terminal instead of pipes. */
  readonly tty?: boolean | undefined;
  /** The terminal's size; 24 rows and 80 columns by default, and on servers that know no other. */
  readonly size?: TerminalSize | undefined;
  /** What the machine's own terminal does for the program. Ignored behind pipes. */
  readonly screen?: ScreenRequest | undefined;
  /**
   * Keep everything for the first reader, who may come as late as it likes: until then the process blocks after a window
   * full of output. True by default; false for a process whose output may never be read.
   */
  readonly lossless?: boolean | undefined;
  /**
   * What it has beside standard input, output and error, as streams: see {@linkcode ExecProcess.descriptor}. It has these
   * and no others. Nothing by default.
   */
  readonly descriptors?: readonly DescriptorRequest[] | undefined;
  /** What it is confined to; nothing by default. It runs so, or the start fails. */
  readonly sandbox?: SandboxRequest | undefined;
  /** Who decides about what it and all that it starts run; nobody by default. A machine that cannot refuses the start. */
  readonly execPolicy?: ExecPolicyRequest | undefined;
  /** What it may use; as much as it likes by default. The start fails for what its machine cannot keep. */
  readonly limits?: LimitsRequest | undefined;
  /** A name of its own, unique in the backend; a random one by default. */
  readonly processId?: string | undefined;
  /** A name for people and other clients, unique among all that run on a server. Only for servers that share processes. */
  readonly name?: string | undefined;
  /** Whether it ends with its client, or runs on with its server; with its client by default. Only for such servers. */
  readonly lifetime?: "session" | "server" | undefined;
}

/** Output, and how the process stood when it was read. */
export interface ProcessOutput {
  readonly chunks: readonly {
    readonly seq: number;
    readonly stream: OutputStream;
    readonly bytes: Uint8Array;
  }[];
  /** Reading on with `afterSeq: nextSeq - 1` misses nothing that is retained. */
  readonly nextSeq: number;
  readonly exited: boolean;
  readonly exitCode: number | null;
  readonly closed: boolean;
  /** Why the process can no longer be followed; null as long as it can. */
  readonly failure: string | null;
}

export type { WriteStatus };

/** A started process, here or elsewhere. `await using` terminates it at the end of the block. */
export interface ExecProcess extends AsyncDisposable {
  readonly processId: string;
  /** The operating system's number; undefined where its server does not tell. */
  readonly pid: number | undefined;
  /** How it stands, as far as is known here. */
  readonly state: ProcessState;
  /** The signal that ended it, such as `SIGKILL`, once `wait` has resolved; null otherwise. */
  readonly signalName: string | null;

  /**
   * Resolves once it has exited. What it wrote may still come, and while nobody reads that, it may block and not come so
   * far: read it, or start it with `lossless: false`.
   *
   * @throws {ConnectionError} when it can be followed no further
   */
  wait(): Promise<ProcessEnd>;

  /**
   * Everything it does, in seq order, as often as one likes: first what is retained, then what comes, to the end. Whoever
   * asks first may do so late: until then everything is kept, unless the start was not to be `lossless`.
   */
  events(options?: EventsOptions): AsyncIterableIterator<ProcessEvent>;

  /**
   * Retained output. Never longer than `waitMs`, which is not at all by default. Nothing is kept for a first reader any
   * more.
   */
  read(options?: ProcessReadOptions): Promise<ProcessOutput>;

  /**
   * Writes to its stdin, after everything that was written before. Resolves when there is room for more. Bytes for a
   * process that has ended, or has closed its stdin, are accepted and dropped.
   */
  write(bytes: Uint8Array | string): Promise<WriteStatus>;

  /**
   * Ends its stdin after everything that was written. On a terminal, write the byte 0x04 instead.
   *
   * @throws {ServerError} ENOTSUP on a server that cannot
   */
  closeStdin(): Promise<Exclude<WriteStatus, "starting">>;

  /**
   * One of the descriptors beyond 2 that it was started with.
   *
   * @throws {ServerError} EREFUSED for one that it has not
   */
  descriptor(fd: number): ProcessDescriptor;

  /**
   * Signals its process group. Nothing happens once it has ended.
   *
   * @throws {ServerError} EINVAL on a server that does not know the signal; all know `interrupt`
   */
  signal(name: SignalName): Promise<void>;

  /**
   * Changes the size of its terminal.
   *
   * @throws {ServerError} EREFUSED behind pipes, ENOTSUP on a server that cannot
   */
  resize(size: TerminalSize): Promise<void>;

  /**
   * What a person in front of its terminal would see.
   *
   * @throws {ServerError} EREFUSED behind pipes, ENOTSUP on a server that keeps no screens
   */
  screen(options?: ScreenOptions): Promise<ProcessScreen>;

  /**
   * Kills it and everything it started. Nothing is kept for a first reader any more.
   *
   * @returns whether it had not exited yet
   */
  terminate(): Promise<boolean>;
}

/** Where processes run. */
export interface ExecBackend {
  /**
   * Starts a process.
   *
   * @throws {TypeError} for a member that means nothing, and for one of the wrong kind
   * @throws {NotFoundError} when there is no such program or directory
   * @throws {PermissionError} when it may not be run
   * @throws {ServerError} EREFUSED for a name in use, and whatever else the machine says
   */
  start(request: StartRequest): Promise<ExecProcess>;
}
