import { randomUUID } from "node:crypto";
import { KILLED_OUTPUT_BYTES, KILLED_STREAM_MS, KILLED_TERMINAL_MS } from "../limits.ts";
import { type LogSlice, type LogSnapshot, OutputLog } from "../log/output_log.ts";
import type { ProcessState } from "../log/process_event.ts";
import { type ProcessReadOptions, waitAndRead } from "../log/wait_and_read.ts";
import { refused } from "../native/operation_error.ts";
import { asProcessHandle, type ProcessHandle, type ProcessId, type ThreadId } from "../protocol/ids.ts";
import type { DescriptorRequest } from "../protocol/schemas/descriptors.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { OutputStream, SignalName, TerminalSize } from "../protocol/schemas/process.ts";
import type { ByteSource, ChildProcess, ExitStatus, ProcessListing } from "../host/child_process.ts";
import type { WatchedLimits } from "../host/process_limits.ts";
import type { ProcessSpool } from "../spool/process_spool.ts";
import { exitCode } from "./exit_code.ts";
import { GatheringReader } from "./gathering_reader.ts";
import { Keyboard } from "./keyboard.ts";
import type { ProcessOwner } from "./process_owner.ts";
import { StdinQueue } from "./stdin_queue.ts";
import { TerminalSizes } from "./terminal_sizes.ts";
import { isRunning } from "../host/is_running.ts";
import { killSessions, signalGroup } from "./termination.ts";

const signals: Record<SignalName, NodeJS.Signals> = {
  interrupt: "SIGINT",
  hangup: "SIGHUP",
  quit: "SIGQUIT",
  terminate: "SIGTERM",
  kill: "SIGKILL",
  user1: "SIGUSR1",
  user2: "SIGUSR2",
  stop: "SIGSTOP",
  continue: "SIGCONT",
};

/** What another program knew of a process that it hands over. */
export interface ProcessSnapshot {
  readonly handle: ProcessHandle;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly log: LogSnapshot;
}

/** Whether a process ends with the session that it belongs to, or with the server. */
export type Lifetime = "session" | "server";

/** What is known of a process beside its child. */
export interface ProcessOptions {
  readonly argv?: readonly string[] | undefined;
  /** What its server knows it by. */
  readonly name?: string | undefined;
  /** `"session"` by default. */
  readonly lifetime?: Lifetime | undefined;
  /** What it was given beside its standard streams; nothing by default. */
  readonly descriptors?: readonly DescriptorRequest[] | undefined;
  /** The terminal's, where there is one. */
  readonly size?: TerminalSize | undefined;
  readonly threadId?: ThreadId | undefined;
  /** Of one that was handed over. */
  readonly snapshot?: ProcessSnapshot | undefined;
}

/** A started process: it reads its child's output into its log, and ends when the child and its streams have. */
export class ManagedProcess {
  /** Its owner's name for it. */
  id: ProcessId;
  readonly handle: ProcessHandle;
  /** On behalf of which conversation it runs, where its client said so. */
  readonly threadId: ThreadId | undefined;
  readonly log: OutputLog;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** What its server knows it by, where it was given such a name. */
  readonly name: string | undefined;
  /** Whether it ends with its session or runs on with the server. */
  readonly lifetime: Lifetime;
  /** What was started. */
  readonly argv: readonly string[];
  /** What it was given beside its standard streams. */
  readonly descriptors: readonly DescriptorRequest[];
  /** Whose it is: only sessions of the same have a part in it. */
  who: string | undefined;
  readonly keyboard = new Keyboard();
  /** The session that it belongs to, or belonged to last. */
  owner: ProcessOwner | undefined;
  /** How many follow it that are not its owner. */
  viewers = 0;
  /** The size that its owner wants its terminal to have, whoever types. */
  ownersSize: TerminalSize | undefined;
  /** Called with what goes to its stdin or terminal, and whether that is a line which its terminal does not show. */
  readonly typed = new Set<(bytes: Uint8Array, isSecret: boolean) => void>();
  /** Called after every change of its terminal's size. */
  readonly resized = new Set<(size: TerminalSize) => void>();
  /** The sizes its terminal has had; undefined behind pipes. */
  readonly sizes: TerminalSizes | undefined;
  /** What its log has no room for, where its server has a spool. */
  spool: ProcessSpool | undefined;
  /** Called when the process is forgotten: whatever is kept for it can go. */
  readonly forgotten = new Set<() => void>();
  /** Resolves after `closed` was appended to the log. */
  readonly closed: Promise<void>;

  readonly #child: ChildProcess;
  /** When it started, by the clock of `performance.now()`. */
  readonly #beganMs: number;
  readonly #stdin: StdinQueue | undefined;
  /** By descriptor; undefined where it reads none but stdin. */
  readonly #inputs: ReadonlyMap<number, StdinQueue> | undefined;
  readonly #limits: WatchedLimits | undefined;
  #killed = false;
  #signal: string | null = null;
  /** Called once there is room for more output. */
  readonly #waiting: (() => void)[] = [];

  /** @param id its owner's name for it */
  constructor(id: ProcessId, child: ChildProcess, options: ProcessOptions = {}) {
    const { size, threadId, snapshot, name, lifetime = "session", argv = [], descriptors = [] } = options;
    this.id = id;
    this.handle = snapshot?.handle ?? asProcessHandle(randomUUID());
    this.threadId = threadId;
    this.name = name;
    this.lifetime = lifetime;
    this.argv = argv;
    this.descriptors = descriptors;
    this.ownersSize = size;
    this.startedAtMs = snapshot?.startedAtMs ?? Date.now();
    this.#beganMs = performance.now() - (snapshot ? Math.max(0, Date.now() - snapshot.startedAtMs) : 0);
    this.log = new OutputLog(snapshot?.log);
    this.#child = child;
    this.sizes = size && new TerminalSizes(this.log, size, () => this.firstSeq);
    this.#stdin = child.stdin ? new StdinQueue(child.stdin, this.#typed) : undefined;
    this.#inputs = child.inputs && new Map([...child.inputs].map(([fd, sink]) => [fd, new StdinQueue(sink)]));
    this.log.onFull = (full) => {
      if (!full) { for (const resolve of this.#waiting.splice(0)) resolve(); }
    };
    this.#limits = child.watchLimits?.(() => this.#endAtLimit());
    this.closed = this.#follow();
  }

  /** The operating system's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Where to look for its relatives; undefined where only the files of `/proc` tell. */
  get relatives(): ProcessListing | undefined {
    return this.#child.processes;
  }

  /** Whether it is a connection: something that is followed like a process, and is none of the operating system's. */
  get isConnection(): boolean {
    return this.#child.end !== undefined;
  }

  /** The signal that ended it; null where none has. */
  get signalName(): string | null {
    return this.#signal;
  }

  /** Whether it runs behind a terminal. */
  get tty(): boolean {
    return this.#child.resize !== undefined;
  }

  get state(): ProcessState {
    return this.log.state;
  }

  /** Whole milliseconds since its start, by the clock of its events. */
  get ageMs(): number {
    return this.#sinceStart(performance.now());
  }

  /** Retained output; where there is nothing to tell yet, and it is asked to, it waits for it. */
  read(options: ProcessReadOptions = {}): LogSlice | Promise<LogSlice> {
    return waitAndRead(this.log, options);
  }

  /** What another program needs to go on with it. */
  snapshot(): ProcessSnapshot {
    return { handle: this.handle, startedAtMs: this.startedAtMs, log: this.log.snapshot() };
  }

  /** The seq of the oldest event that can be read. */
  get firstSeq(): number {
    return this.spool?.firstSeq ?? this.log.firstSeq;
  }

  /** Bytes that wait for the child to read them. */
  get queuedInputBytes(): number {
    return this.#sumOfInputs("queuedBytes");
  }

  /** Bytes that were ever queued for it. */
  get inputBytes(): number {
    return this.#sumOfInputs("takenBytes");
  }

  /** The way into a descriptor beyond 2; undefined for one that it does not read. */
  input(fd: number): StdinQueue | undefined {
    return this.#inputs?.get(fd);
  }

  /** Queues bytes for stdin. Waits only for room for them; false where there is no stdin to write to. */
  write(bytes: Uint8Array, writeId: string): boolean | Promise<boolean> {
    const waiting = this.#stdin?.write(bytes, writeId);
    return waiting ? waiting.then(() => true) : this.#stdin !== undefined;
  }

  /** Ends stdin after everything queued. False where there is none. On a terminal, end-of-file is byte 0x04. */
  closeStdin(): boolean {
    if (this.tty) return false;
    this.#stdin?.close();
    return this.#stdin !== undefined;
  }

  /** Signals the process group. Nothing happens once the child has ended. */
  signal(name: SignalName): void {
    if (!this.state.hasExited && !this.isConnection) {
      signalGroup(this.#child.group ?? this.pid, signals[name]);
    }
  }

  /**
   * Changes the size of the terminal. Nothing happens once the child has ended.
   *
   * @throws {OperationError} REFUSED behind pipes
   */
  resize(size: TerminalSize): void {
    if (!this.tty) throw refused(`process ${this.id} has no terminal to resize`);
    if (this.state.hasExited) return;
    this.#child.resize?.(size);
    this.sizes?.record(size, this.ageMs);
    for (const listener of [...this.resized]) listener(size);
  }

  /** Gives the terminal the size that the owner wants, where it has another. */
  restoreOwnersSize(): void {
    const [is, shall] = [this.sizes?.current, this.ownersSize];
    if (!is || !shall || (is.rows === shall.rows && is.cols === shall.cols)) return;
    this.resize(shall);
  }

  /**
   * Kills the process's whole session. It closes soon, even where a stranger keeps its streams. Once it has closed
   * nothing happens: clients terminate as a matter of course what has closed, and whoever it left running, with streams
   * of its own, was meant to run on.
   *
   * @returns whether the child had not exited yet
   * @throws {Error} the operating system's, for a child that it does not let this program kill
   */
  terminate(): boolean {
    const running = !this.state.hasExited;
    const refusal = ManagedProcess.terminateAll([this]).get(this);
    if (refusal) throw refusal;
    return running;
  }

  /**
   * Does the same for many, and looks only once for the members of all their sessions.
   *
   * @returns why some could not be killed; all others were
   */
  static terminateAll(processes: readonly ManagedProcess[]): Map<ManagedProcess, Error> {
    const all = processes.filter(({ log }) => !log.closed);
    for (const process of all) process.#child.end?.();
    const open = all.filter(({ isConnection }) => !isConnection);
    for (const process of open) process.#endStreamsAfterExit();
    // Once a leader is reaped, its number is given anew only when nobody is left in its session.
    const leaders = open.filter(({ state, pid }) => !state.hasExited || !isRunning(pid));
    if (leaders.length === 0) return new Map();
    const refusals = killSessions(leaders.map(({ pid }) => pid), leaders[0]!.relatives);
    for (const process of open) process.#limits?.kill();
    return new Map(leaders.flatMap((process) => {
      const refusal = refusals.get(process.pid);
      return refusal ? [[process, refusal]] : [];
    }));
  }

  /** Nobody can ask for it any more. */
  forget(): void {
    for (const listener of [...this.forgotten]) listener();
  }

  async #follow(): Promise<void> {
    const outputs = this.#child.outputs.map(({ stream, source }) => this.#collect(stream, source));
    // What has arrived of a connection comes before the word that no more will.
    if (this.isConnection) await outputs[0];
    const status: ExitStatus = await this.#child.exit;
    this.#signal = status.signal;
    // The exit of one that was handed over may have been told before.
    if (!this.log.exited) this.#tellExit(exitCode(status), status);
    await Promise.all(outputs);
    this.#stdin?.dispose();
    for (const input of this.#inputs?.values() ?? []) input.dispose();
    this.#limits?.release();
    this.log.appendClosed();
  }

  readonly #typed = (bytes: Uint8Array) => {
    if (this.typed.size === 0) return;
    const isSecret = this.#child.readsSecret?.() ?? false;
    for (const listener of this.typed) listener(bytes, isSecret);
  };

  #lastOutput = 0;

  #tellExit(code: number, status: ExitStatus): void {
    const sandboxDenied = this.#child.seemsDenied?.(code, this.#said());
    const causes = { sandboxDenied, limit: this.#limits?.met(code, status.cpuSeconds) };
    this.log.appendExited(code, causes, this.#sinceStart(performance.now()));
  }

  /** What is retained of what it said; what comes on descriptors are no words. */
  #said(): Uint8Array[] {
    const { chunks } = this.log.read();
    return chunks.filter(({ stream }) => !isDescriptorStream(stream)).map(({ bytes }) => bytes);
  }

  #sumOfInputs(what: "queuedBytes" | "takenBytes"): number {
    let sum = this.#stdin?.[what] ?? 0;
    if (this.#inputs) { for (const input of this.#inputs.values()) sum += input[what]; }
    return sum;
  }

  #endAtLimit(): void {
    try {
      this.terminate();
    } catch {
      // One that this program may not kill goes on.
    }
  }

  async #collect(stream: OutputStream, source: ByteSource): Promise<void> {
    const reader = new GatheringReader(source);
    for (;;) {
      while (this.log.full) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const bytes = await reader.read();
      if (bytes === null) return;
      const now = this.#lastOutput = performance.now();
      this.log.appendOutput(stream, bytes, this.#sinceStart(now));
    }
  }

  /** Whole milliseconds: a number that takes no room of its own. */
  #sinceStart(nowMs: number): number {
    return Math.round(nowMs - this.#beganMs);
  }

  #endStreamsAfterExit(): void {
    if (!this.#killed) this.#child.exit.then(() => this.#endStreams());
    this.#killed = true;
  }

  /** Lets what the killed child left in its streams arrive, then gives up on whoever holds them open. */
  #endStreams(): void {
    const sources = this.#child.outputs.map(({ source }) => source);
    // Others of its session were killed with it, but need not have died before it.
    const dying = setTimeout(() => sources.forEach((source) => source.finish?.()), KILLED_STREAM_MS);
    this.closed.then(() => clearTimeout(dying));
    const unsure = sources.filter(({ finish }) => !finish);
    if (unsure.length > 0) this.#cancelOnceSilent(unsure);
  }

  /** Does so where nobody can tell how much it left. */
  #cancelOnceSilent(sources: readonly ByteSource[]): void {
    let looked = this.#lastOutput = performance.now();
    let listened = 0;
    const end = this.log.offset + KILLED_OUTPUT_BYTES;
    const look = () => {
      if (this.log.closed) return clearInterval(timer);
      const now = performance.now();
      // While this program was held up itself, it did not listen.
      if (this.log.full || now - looked > KILLED_STREAM_MS) this.#lastOutput = now;
      else listened += now - looked;
      looked = now;
      const silent = now - this.#lastOutput >= KILLED_STREAM_MS;
      if (!silent && listened < KILLED_TERMINAL_MS && this.log.offset < end) return;
      clearInterval(timer);
      for (const source of sources) source.cancel();
    };
    const timer = setInterval(look, KILLED_STREAM_MS / 2);
  }
}
