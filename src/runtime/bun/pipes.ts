import type {
  ByteSink,
  ByteSource,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
} from "../../process/child_process.ts";
import { bun, type BunFileSink, type BunSubprocess } from "./bun.ts";
import { closeAll, type KernelPipe, openPipe } from "./kernel_pipe.ts";
import { openProcessListing } from "./process_listing.ts";

/** Starts a child behind pipes, leader of its own session. */
export function spawnPipes(request: PipeSpawnRequest): ChildProcess {
  const stdin = request.stdin === "pipe" ? openPipe() : undefined;
  const stdout = openPipe();
  const stderr = openPipe();
  let child: BunSubprocess;
  try {
    child = bun().spawn([request.program, ...request.args], {
      argv0: request.argv0,
      cwd: request.cwd,
      env: request.env,
      detached: true,
      // Without a pipe of the kernel, Bun makes one of its own.
      stdin: request.stdin === "pipe" ? stdin?.read ?? "pipe" : "ignore",
      stdout: stdout?.write ?? "pipe",
      stderr: stderr?.write ?? "pipe",
    });
  } catch (error) {
    closeAll(stdin?.write, stdout?.read, stderr?.read);
    throw error;
  } finally {
    closeAll(stdin?.read, stdout?.write, stderr?.write);
  }
  return {
    pid: child.pid,
    outputs: [
      { stream: "stdout", source: stdout ? readFrom(stdout) : new StreamSource(child.stdout!) },
      { stream: "stderr", source: stderr ? readFrom(stderr) : new StreamSource(child.stderr!) },
    ],
    stdin: stdin ? writeTo(stdin) : child.stdin ? new FileSink(child.stdin) : null,
    exit: child.exited.then((): ExitStatus =>
      child.signalCode ? { code: null, signal: child.signalCode } : { code: child.exitCode, signal: null }
    ),
    get processes() {
      return openProcessListing();
    },
  };
}

/** The child's output. Bun reads from a copy of the descriptor, which it closes at the end. */
function readFrom({ read }: KernelPipe): StreamSource {
  const source = new StreamSource(bun().file(read).stream());
  closeAll(read);
  return source;
}

/** The child's input, likewise. */
function writeTo({ write }: KernelPipe): FileSink {
  const sink = new FileSink(bun().file(write).writer());
  closeAll(write);
  return sink;
}

class StreamSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What a read brought beyond the bytes that were asked for. */
  #rest: Uint8Array | undefined;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async read(maxBytes: number): Promise<Uint8Array | null> {
    try {
      const bytes = this.#rest ?? (await this.#reader.read()).value;
      this.#rest = bytes && bytes.length > maxBytes ? bytes.subarray(maxBytes) : undefined;
      return bytes?.subarray(0, maxBytes) ?? null;
    } catch {
      return null; // Cancelled, or a pipe that broke: both are its end.
    }
  }

  cancel(): void {
    this.#rest = undefined;
    this.#reader.cancel().catch(() => {});
  }
}

class FileSink implements ByteSink {
  readonly #sink: BunFileSink;

  constructor(sink: BunFileSink) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    await this.#sink.flush();
  }

  async close(): Promise<void> {
    await this.#sink.end();
  }
}
