/** A process that is started and followed to its end, event by event. */
import { concat } from "@std/bytes/concat";
import { delay } from "@std/async/delay";
import type { RemoteProcess } from "../../src/client/remote_process.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import type { Stage } from "./activity.ts";

/** How a process is followed. */
export interface FollowOptions {
  /** Whether the reader rests now and then, as one does whose own reader is slow. */
  readonly rests?: boolean;
  /** Called with each chunk of output; without it the output is kept. */
  readonly onOutput?: (stream: string, bytes: Uint8Array) => void;
}

/** A started process, terminated at the end of its block. */
export class Followed implements AsyncDisposable {
  readonly id: string;
  /** Resolves with its exit code when it has closed. @throws {Error} where an event is missing, or it failed */
  readonly done: Promise<number>;
  readonly #stage: Stage;
  readonly #process: RemoteProcess;
  readonly #parts = new Map<string, Uint8Array[]>();
  readonly #waiting = new Set<() => void>();
  #writes = 0;
  #over = false;

  private constructor(stage: Stage, process: RemoteProcess, options: FollowOptions) {
    this.#stage = stage;
    this.#process = process;
    this.id = process.id;
    this.done = this.#follow(options);
    this.done.catch(() => {}); // Whoever waits for it is told.
  }

  /** Starts a process. @throws {Error} where the server refuses, or the connection was lost at the wrong moment */
  static async start(
    stage: Stage,
    argv: string[],
    params: Partial<ParamsSent<"process/start">> = {},
    options: FollowOptions = {},
  ): Promise<Followed> {
    const process = await stage.client.start({
      processId: stage.newId(),
      argv,
      cwd: "file:///tmp",
      env: stage.census.env,
      tty: false,
      ...params,
    });
    return new Followed(stage, process, options);
  }

  /** Everything that came on a stream so far, as text. */
  text(stream: "stdout" | "stderr" | "pty" = "stdout"): string {
    return new TextDecoder().decode(concat(this.#parts.get(stream) ?? []));
  }

  /** Waits until a stream's text matches. @throws {Error} where the process ends before */
  async until(pattern: RegExp, stream: "stdout" | "stderr" | "pty" = "stdout"): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text(stream));
      if (found) return found;
      if (this.#over) throw new Error(`${this.id} ended before ${pattern}: ${this.text(stream).slice(-500)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    const chunk = encodeBase64(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    const params = { processId: this.id, chunk, writeId: String(++this.#writes) };
    const { status } = await this.#stage.client.call("process/write", params);
    if (status !== "accepted") throw new Error(`A write to ${this.id} was answered "${status}"`);
  }

  async closeStdin(): Promise<void> {
    await this.#stage.client.call("process/closeStdin", { processId: this.id });
  }

  async terminate(): Promise<void> {
    await this.#stage.client.call("process/terminate", { processId: this.id });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    await this.terminate().catch(() => {});
    await this.done.catch(() => {});
  }

  async #follow({ rests = false, onOutput }: FollowOptions): Promise<number> {
    const { random, pauseMs } = this.#stage;
    let lastSeq = 0;
    try {
      for await (const event of this.#process) {
        if (event.kind === "failed" || event.kind === "gap") {
          throw new Error(`${this.id}: ${JSON.stringify(event)}`);
        }
        if (event.seq !== ++lastSeq) {
          throw new Error(`${this.id}: event ${event.seq} came as number ${lastSeq}`);
        }
        if (event.kind === "output") {
          if (onOutput) onOutput(event.stream, event.bytes);
          else this.#keep(event.stream, event.bytes);
        }
        this.#wake();
        if (rests && random.chance(0.02)) await delay(random.magnitude(1, pauseMs));
      }
    } finally {
      this.#over = true;
      this.#wake();
    }
    if (this.#process.log.closed === undefined) throw new Error(`${this.id} ended without "closed"`);
    return this.#process.state.exitCode!;
  }

  #keep(stream: string, bytes: Uint8Array): void {
    const parts = this.#parts.get(stream);
    if (parts) parts.push(bytes);
    else this.#parts.set(stream, [bytes]);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A script that tells its pid on stderr and becomes a program, which keeps the pid. */
export function tellingPid(script: string): string[] {
  return ["sh", "-c", `echo $$ >&2; ${script}`];
}

/** @throws {Error} where a value is not as it must be */
export function expect(what: string, value: unknown, right: unknown): void {
  if (value !== right) {
    throw new Error(
      `${what}: ${JSON.stringify(value)?.slice(0, 500)} instead of ${JSON.stringify(right)?.slice(0, 500)}`,
    );
  }
}
