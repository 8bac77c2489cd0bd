import type {
  ByteSink,
  ByteSource,
  ChildProcess,
  ExitStatus,
  ProcessListing,
  ProcessSpawner,
  SpawnRequest,
} from "../../src/host/child_process.ts";

/** Output that a test writes, piece by piece. */
export class FakeSource implements ByteSource {
  readonly #pieces: Uint8Array[] = [];
  #ended = false;
  #changed = Promise.withResolvers<void>();
  /** How many bytes were read. */
  taken = 0;
  cancelled = false;

  /** Makes bytes readable. */
  give(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#wake();
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async read(maxBytes: number): Promise<Uint8Array | null> {
    for (;;) {
      if (this.cancelled) return null;
      const piece = this.#pieces.shift();
      if (piece) {
        if (piece.length > maxBytes) this.#pieces.unshift(piece.subarray(maxBytes));
        const bytes = piece.slice(0, maxBytes);
        this.taken += bytes.length;
        return bytes;
      }
      if (this.#ended) return null;
      await this.#changed.promise;
    }
  }

  cancel(): void {
    this.cancelled = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** An input whose reader a test is. */
export class FakeSink implements ByteSink {
  readonly #pending: { bytes: Uint8Array; taken: PromiseWithResolvers<void> }[] = [];
  /** Everything that was taken, in order. */
  readonly received: Uint8Array[] = [];
  closed = false;
  /** Takes everything at once; otherwise only what {@linkcode take} takes. */
  open: boolean;

  constructor(open = true) {
    this.open = open;
  }

  /** The number of writes that are held up. */
  get heldUp(): number {
    return this.#pending.length;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.closed) return Promise.reject(new Error("EPIPE"));
    if (this.open) {
      this.received.push(bytes.slice());
      return Promise.resolve();
    }
    const taken = Promise.withResolvers<void>();
    this.#pending.push({ bytes: bytes.slice(), taken });
    return taken.promise;
  }

  /** Takes the write that is held up. */
  take(): void {
    const next = this.#pending.shift();
    if (!next) throw new Error("Nothing is held up");
    this.received.push(next.bytes);
    next.taken.resolve();
  }

  /** Fails the write that is held up, as a pipe whose reader has gone does. */
  breakPipe(): void {
    this.#pending.shift()?.taken.reject(new Error("EPIPE"));
    this.open = false;
  }

  close(): Promise<void> {
    this.closed = true;
    for (const { taken } of this.#pending.splice(0)) taken.reject(new Error("EPIPE"));
    return Promise.resolve();
  }
}

/** A child whose life a test lives. Its number is one that no process has. */
export class FakeChild implements ChildProcess {
  readonly pid: number = 0x7fff_ff00;
  readonly stdout: FakeSource = new FakeSource();
  readonly stderr: FakeSource = new FakeSource();
  readonly outputs = [
    { stream: "stdout", source: this.stdout },
    { stream: "stderr", source: this.stderr },
  ] as const;
  readonly stdin: FakeSink | null;
  readonly exit: Promise<ExitStatus>;
  readonly #exit = Promise.withResolvers<ExitStatus>();

  constructor(stdin: FakeSink | null = null, readonly processes?: ProcessListing) {
    this.stdin = stdin;
    this.exit = this.#exit.promise;
  }

  /** It is reaped; its streams may go on. */
  exits(status: Partial<ExitStatus> = { code: 0 }): void {
    this.#exit.resolve({ code: null, signal: null, ...status });
  }

  /** Its streams end. */
  endsStreams(): void {
    this.stdout.end();
    this.stderr.end();
  }
}

/** Starts fake children, and remembers them and what was asked for. */
export class FakeSpawner implements ProcessSpawner {
  readonly children: FakeChild[] = [];
  readonly requests: SpawnRequest[] = [];
  /** Where the relatives of the children to come are looked for; the machine's by default. */
  processes: ProcessListing | undefined;

  spawnPipes(request: SpawnRequest & { stdin: "pipe" | "null" }): ChildProcess {
    const child = new FakeChild(request.stdin === "pipe" ? new FakeSink() : null, this.processes);
    this.requests.push(request);
    this.children.push(child);
    return child;
  }

  spawnTerminal(): ChildProcess {
    throw new Error("Terminals are not available");
  }
}
