/** Whatever can run commands and is not a server of the protocol: a rival, or the bare runtime. */
export interface Shell extends AsyncDisposable {
  /** Makes a command ready, as often as it is then run, outside of what is measured. */
  prepare(argv: readonly string[], options?: ShellOptions): Promise<Command>;
  /** Ends what was left running. */
  endRunning?(): Promise<void>;
  /** What it holds in memory, in bytes, without the commands it runs. */
  memory?(): number;
}

export interface ShellOptions {
  /** Whether the command runs on a terminal. */
  readonly tty?: boolean;
}

export interface Command {
  /** Runs it without input to its end. @returns how many bytes it wrote to stdout */
  run(): Promise<number>;
  /** Runs it, writes chunks to its stdin until they end, and waits for its own end. */
  feed(chunks: Iterable<Uint8Array>): Promise<void>;
  /** Runs it and returns when it has written something. */
  leaveRunning?(): Promise<void>;
}
