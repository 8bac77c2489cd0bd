import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type {
  ByteSink,
  ByteSource,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
} from "../../process/child_process.ts";

/** Starts a child that sees another argv[0] than its path. Undefined where it could not be started. */
export function spawnWithArgv0(request: PipeSpawnRequest): ChildProcess | undefined {
  const child = spawn(request.program, request.args, {
    argv0: request.argv0,
    cwd: request.cwd,
    env: request.env,
    detached: true,
    stdio: [request.stdin === "pipe" ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const exit = new Promise<ExitStatus>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  if (child.pid === undefined) return undefined;
  return {
    pid: child.pid,
    outputs: [
      { stream: "stdout", source: new ReadableSource(child.stdout!) },
      { stream: "stderr", source: new ReadableSource(child.stderr!) },
    ],
    stdin: child.stdin ? new WritableSink(child.stdin) : null,
    exit,
  };
}

class ReadableSource implements ByteSource {
  readonly #stream: Readable;
  #ended = false;
  #changed: (() => void) | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    const ended = () => {
      this.#ended = true;
      this.#changed?.();
    };
    stream.on("end", ended).on("close", ended).on("error", ended);
    stream.on("readable", () => this.#changed?.());
  }

  async read(maxBytes: number): Promise<Uint8Array | null> {
    for (;;) {
      const length = Math.min(maxBytes, this.#stream.readableLength);
      const bytes = this.#ended && length === 0 ? null : this.#stream.read(length || undefined);
      if (bytes !== null && bytes.length > 0) {
        return bytes.length > maxBytes ? this.#putBack(bytes, maxBytes) : bytes;
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#changed = resolve);
    }
  }

  cancel(): void {
    this.#stream.destroy();
  }

  #putBack(bytes: Uint8Array, keep: number): Uint8Array {
    this.#stream.unshift(bytes.subarray(keep));
    return bytes.subarray(0, keep);
  }
}

class WritableSink implements ByteSink {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {}); // Told of by write().
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  async close(): Promise<void> {
    if (this.#stream.closed || this.#stream.destroyed) return;
    if (this.#stream.writableLength > 0) {
      this.#stream.destroy(); // A child that does not read would hold up an orderly end for ever.
      return;
    }
    this.#stream.end();
    await once(this.#stream, "close").catch(() => {});
  }
}
