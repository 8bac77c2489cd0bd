import { ChildProcess as NodeChildProcess, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { getSystemErrorName } from "node:util";
import { refuseDescriptors } from "../../host/refuse_descriptors.ts";
import type {
  ByteSink,
  ByteSource,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
} from "../../host/child_process.ts";

/**
 * Starts a child behind pipes, leader of its own session.
 *
 * @throws {Error} with the operating system's `code`
 */
export function spawnPipes(request: PipeSpawnRequest): ChildProcess {
  refuseDescriptors(request);
  return trySpawnPipes(request) ?? spawnPipesOrTellWhy(request);
}

/** Undefined where it could not be started, for whatever reason. */
export function trySpawnPipes(request: PipeSpawnRequest): ChildProcess | undefined {
  const { program, args, argv0, cwd, env } = request;
  return follow(spawn(program, args, { argv0, cwd, env, detached: true, stdio: stdio(request) }));
}

/** The same, for when it has just failed. */
function spawnPipesOrTellWhy(request: PipeSpawnRequest): ChildProcess {
  const { program, args, argv0, cwd, env } = request;
  // `spawn` tells why only later, in an event. The call that it makes itself tells at once, but is not documented.
  const child = new NodeChildProcess() as NodeChildProcess & { spawn?(options: unknown): number };
  const errno = child.spawn?.({
    file: program,
    args: [argv0, ...args],
    envPairs: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    cwd,
    detached: true,
    stdio: stdio(request),
  });
  const started = follow(child);
  if (started) return started; // What was missing a moment ago, such as a descriptor, is there now.
  const code = errno ? getSystemErrorName(errno) : "EAGAIN";
  throw Object.assign(new Error(`spawn ${program} ${code}`), { code });
}

function stdio({ stdin }: PipeSpawnRequest): StdioOptions {
  return [stdin === "pipe" ? "pipe" : "ignore", "pipe", "pipe"];
}

function follow(child: NodeChildProcess): ChildProcess | undefined {
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
