/**
 * The command under test, run as a process: with bytes on stdin, in a shell's pipeline, or step by step.
 */
import { concat } from "@std/bytes/concat";
import { until } from "./proc.ts";
import { serverCommand } from "./server_process.ts";

/** What a run is given. */
export interface CommandOptions {
  /** What stdin brings before it ends; `/dev/null` by default. */
  stdin?: Uint8Array | string;
  /** Variables beside this process's own. */
  env?: Record<string, string>;
  cwd?: string;
}

/** How a run ended. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: Uint8Array;
  /** The same as text. */
  readonly text: string;
  readonly stderr: string;
}

/** Runs the command with arguments, to its end. */
export async function runCommand(args: string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  return await output(serverCommand(), args, options);
}

/** Runs a shell script in which `"$@"` is the command under test. */
export async function runScript(script: string, options: CommandOptions = {}): Promise<CommandOutcome> {
  return await output(["bash", "-c", script, "bash", ...serverCommand()], [], options);
}

async function output(
  [program, ...first]: string[],
  args: string[],
  { stdin, env, cwd }: CommandOptions,
): Promise<CommandOutcome> {
  const child = new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  }).spawn();
  const fed = stdin === undefined ? undefined : feed(child.stdin, stdin);
  const { code, stdout, stderr } = await child.output();
  await fed;
  const decoder = new TextDecoder();
  return { code, stdout, text: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function feed(target: WritableStream<Uint8Array>, input: Uint8Array | string): Promise<void> {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  try {
    await new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeTo(target);
  } catch {
    // The command does not want more.
  }
}

/** A run that is being watched; `await using` kills it. */
export class RunningCommand implements AsyncDisposable {
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #outputs: { readonly stdout: Collected; readonly stderr: Collected };

  constructor(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
    const [program, ...first] = serverCommand();
    this.#child = new Deno.Command(program!, {
      args: [...first, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      ...options,
    }).spawn();
    this.status = this.#child.status;
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#outputs = { stdout: new Collected(this.#child.stdout), stderr: new Collected(this.#child.stderr) };
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Everything that came on a stream so far. */
  text(stream: "stdout" | "stderr" = "stdout"): string {
    return this.#outputs[stream].text;
  }

  /** Waits until a text has come on stdout, or stderr. @throws {Error} when the stream ends before */
  async until(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    return await this.#outputs[stream].until(pattern);
  }

  async write(input: string | Uint8Array): Promise<void> {
    await this.#input.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  async closeStdin(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end of it and of its output. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await this.status;
    await Promise.all([this.#outputs.stdout.done, this.#outputs.stderr.done]);
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.closeStdin();
    await this.ended();
  }
}

/** A stream's text as it grows. */
class Collected {
  readonly done: Promise<void>;
  readonly #parts: Uint8Array[] = [];
  #ended = false;
  #wake = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#collect(stream);
  }

  get text(): string {
    return new TextDecoder().decode(concat(this.#parts));
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.#ended) throw new Error(`"${pattern}" did not come, but: ${this.text.slice(-2_000)}`);
      await this.#wake.promise;
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const part of stream) {
      this.#parts.push(part);
      this.#notify();
    }
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  await until(`process ${pid} is gone`, () => !isAlive(pid));
}
