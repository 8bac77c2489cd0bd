import type { ExecBackend, ExecProcess, StartRequest, WriteStatus } from "../../src/machine/exec_backend.ts";
import { LogCursor } from "../../src/log/log_cursor.ts";
import { exitOf } from "../../src/machine/process_end.ts";
import { OutputLog } from "../../src/log/output_log.ts";

/** A backend whose only process does what a test says, and writes down what it is asked. */
export class ScriptedBackend implements ExecBackend, ExecProcess {
  readonly processId = "scripted";
  /** What the process does. */
  readonly log = new OutputLog();
  readonly requests: StartRequest[] = [];
  /** What was written, as texts. */
  readonly written: string[] = [];
  /** The calls that end a process, in order. */
  readonly calls: string[] = [];
  /** What happens at each of those calls, beside being written down. */
  readonly effects: Record<string, () => void | Promise<void>> = {};
  /** What a start waits for. */
  started: Promise<void> = Promise.resolve();
  writeStatus: WriteStatus = "accepted";

  readonly pid = undefined;
  readonly signalName = null;

  get state() {
    return this.log.state;
  }

  async wait() {
    return { exitCode: await exitOf(this.log), signal: null };
  }

  async start(request: StartRequest): Promise<ExecProcess> {
    this.requests.push(request);
    await this.started;
    return this;
  }

  events(options?: ConstructorParameters<typeof LogCursor>[1]): LogCursor {
    return new LogCursor(this.log, options);
  }

  /** The process writes. */
  say(text: string | Uint8Array, stream: "stdout" | "stderr" = "stdout"): void {
    this.log.appendOutput(stream, typeof text === "string" ? new TextEncoder().encode(text) : text);
  }

  /** The process exits and its streams end. */
  exit(exitCode: number): void {
    this.log.appendExited(exitCode);
    this.log.appendClosed();
  }

  write(bytes: Uint8Array | string): Promise<WriteStatus> {
    this.written.push(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes));
    return Promise.resolve(this.writeStatus);
  }

  descriptor(): never {
    throw new Error("A scripted process has no descriptors");
  }

  async closeStdin(): Promise<"accepted"> {
    await this.#asked("closeStdin");
    return "accepted";
  }

  async signal(name: string): Promise<void> {
    await this.#asked(`signal ${name}`);
  }

  async terminate(): Promise<boolean> {
    await this.#asked("terminate");
    return true;
  }

  read(): never {
    throw new Error("Nobody reads here");
  }

  resize(): never {
    throw new Error("There is no terminal here");
  }

  screen(): never {
    throw new Error("There is no terminal here");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  async #asked(call: string): Promise<void> {
    this.calls.push(call);
    await this.effects[call]?.();
  }
}
