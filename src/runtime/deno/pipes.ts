import type {
  ByteSink,
  ByteSource,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
} from "../../host/child_process.ts";
import { refuseDescriptors } from "../../host/refuse_descriptors.ts";
import { trySpawnPipes } from "../node/pipes.ts";
import { openProcessListing } from "./process_listing.ts";

/** Starts a child behind pipes, leader of its own session, without the C library. */
export function spawnPipes(request: PipeSpawnRequest): ChildProcess {
  refuseDescriptors(request);
  const child = request.argv0 === request.program ? undefined : trySpawnPipes(request);
  // What node:child_process cannot start it reports later and with less detail: let Deno.Command say why.
  return { ...child ?? spawnCommand(request), processes: openProcessListing() };
}

function spawnCommand(request: PipeSpawnRequest): ChildProcess {
  const child = new Deno.Command(request.program, {
    args: request.args as string[],
    cwd: request.cwd,
    env: request.env,
    clearEnv: true,
    detached: true,
    stdin: request.stdin === "pipe" ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return {
    pid: child.pid,
    outputs: [
      { stream: "stdout", source: new StreamSource(child.stdout) },
      { stream: "stderr", source: new StreamSource(child.stderr) },
    ],
    stdin: request.stdin === "pipe" ? new StreamSink(child.stdin) : null,
    exit: child.status.then(exitStatus, unknownStatus),
  };
}

function exitStatus({ code, signal }: Deno.CommandStatus): ExitStatus {
  return signal === null ? { code, signal } : { code: null, signal };
}

function unknownStatus(): ExitStatus {
  return { code: null, signal: null };
}

/** Reads a pipe into buffers of the caller's size: the quickest way there is here. */
class StreamSource implements ByteSource {
  readonly #reader: ReadableStreamBYOBReader;
  #buffer: ArrayBuffer | undefined;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  async read(maxBytes: number): Promise<Uint8Array | null> {
    try {
      const { value, done } = await this.#reader.read(new Uint8Array(this.#take(maxBytes), 0, maxBytes));
      if (done || !value || value.length === 0) return null;
      if (value.length * 2 > maxBytes) return value;
      // A short read keeps its bytes, not the whole buffer, which serves again.
      this.#buffer = value.buffer;
      return value.slice();
    } catch {
      return null; // Cancelled, or a pipe that broke: both are its end.
    }
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {});
  }

  #take(bytes: number): ArrayBuffer {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    return buffer && buffer.byteLength >= bytes ? buffer : new ArrayBuffer(bytes);
  }
}

class StreamSink implements ByteSink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch(() => {}); // Told of by write().
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  async close(): Promise<void> {
    // A close waits for the write before it, which a child that does not read would hold up for ever.
    await (this.#writer.desiredSize === 1 ? this.#writer.close() : this.#writer.abort()).catch(() => {});
  }
}
