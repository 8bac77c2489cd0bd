import { TimeoutError } from "../../client/call.ts";
import { deferred } from "../../deferred.ts";
import { EXITED_STREAMS_MS, RUN_OUTPUT_BYTES } from "../../limits.ts";
import type { OutputEvent, ProcessEvent } from "../../log/process_event.ts";
import { ConnectionError } from "../../transport/transport.ts";
import { unref } from "../../unref.ts";
import type { ExecProcess } from "../exec_backend.ts";
import { CapturedText } from "./captured_text.ts";
import { feed } from "./feed.ts";
import { CommandError, type CommandResult } from "./command_result.ts";
import { LineSplitter } from "./line_splitter.ts";
import type { Command, RunOptions } from "./run_options.ts";

/**
 * A command that runs. Awaited, it is its result; `lines()` gives its output as it comes instead. Until one of them is asked
 * for, its output is kept for it, and it waits after some 2 MiB.
 */
export class RunningCommand implements PromiseLike<CommandResult> {
  readonly #command: Command;
  readonly #options: RunOptions;
  readonly #started: Promise<ExecProcess>;
  readonly #stdout: CapturedText;
  readonly #stderr: CapturedText;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #result: Promise<CommandResult> | undefined;
  #readByLines = false;
  #timedOut = false;
  #inputFailure: { readonly error: unknown } | undefined;
  #missed = false;
  /** Whether its output has ended. */
  #over = false;
  #disarm = () => {};
  #events: AsyncIterableIterator<ProcessEvent> | undefined;

  /** @param start starts it, or fails as that does */
  constructor(command: Command, options: RunOptions, start: () => Promise<ExecProcess>) {
    this.#command = command;
    this.#options = options;
    this.#stdout = new CapturedText(options.maxBytes ?? RUN_OUTPUT_BYTES);
    this.#stderr = new CapturedText(options.maxBytes ?? RUN_OUTPUT_BYTES);
    this.#started = this.#start(start);
    this.#started.catch(() => {}); // Told to whoever waits for it.
    if (options.onStdout || options.onStderr) queueMicrotask(() => this.#readByLines || this.#whole());
  }

  /** Awaiting it gives its result. */
  then<Fulfilled = CommandResult, Rejected = never>(
    onFulfilled?: ((result: CommandResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    // deno-lint-ignore no-explicit-any -- as a promise has it
    onRejected?: ((reason: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#whole().then(onFulfilled, onRejected);
  }

  /** As a promise has it. */
  catch<Rejected = never>(
    // deno-lint-ignore no-explicit-any -- as a promise has it
    onRejected?: ((reason: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<CommandResult | Rejected> {
    return this.#whole().catch(onRejected);
  }

  /** As a promise has it. */
  finally(onFinally?: (() => void) | null): Promise<CommandResult> {
    return this.#whole().finally(onFinally);
  }

  /** What it writes to its standard output, as text. */
  async text(): Promise<string> {
    return (await this.#whole()).stdout;
  }

  /**
   * What it writes to its standard output, as JSON.
   *
   * @throws {SyntaxError} where that is none; the text has its status and its standard error
   */
  async json<Value = unknown>(): Promise<Value> {
    const result = await this.#whole();
    try {
      return JSON.parse(result.stdout);
    } catch (cause) {
      const { message } = new CommandError(this.#command, result);
      throw new SyntaxError(`Its output is no JSON. ${message}`, { cause });
    }
  }

  /**
   * The lines that it writes to its standard output, as they come, without their ends. The command waits for whoever reads
   * them, and is killed when the loop is left. Awaited afterwards, its result has no `stdout`.
   *
   * @throws {CommandError} behind the last line, with `throwOnError`
   */
  async *lines(): AsyncGenerator<string, void, undefined> {
    if (this.#result) throw new TypeError("Its output is read already: ask for lines() first, and only once");
    this.#readByLines = true;
    const end = deferred<CommandResult>();
    this.#result = end.promise;
    end.promise.catch(() => {});
    const splitter = new LineSplitter(this.#options.maxBytes ?? RUN_OUTPUT_BYTES);
    try {
      for await (const { stream, bytes } of this.#output()) {
        if (stream === "stdout") yield* splitter.push(bytes);
      }
      yield* splitter.end();
      end.resolve(await this.#finish());
      await end.promise;
    } catch (error) {
      end.reject(error);
      throw error;
    } finally {
      await this.terminate();
      this.#finish().then(end.resolve, end.reject);
    }
  }

  /** Kills it, and everything it started. Nothing happens once it has ended. */
  async terminate(): Promise<void> {
    const process = await this.#started.catch(() => undefined);
    if (!this.#over) await process?.terminate().catch(() => {});
  }

  #whole(): Promise<CommandResult> {
    return this.#result ??= this.#collect();
  }

  async #collect(): Promise<CommandResult> {
    for await (const { stream, bytes } of this.#output()) {
      if (stream === "stdout") this.#stdout.push(bytes);
    }
    return await this.#finish();
  }

  /** Its output to the end, told to whom it may concern. */
  async *#output(): AsyncGenerator<OutputEvent> {
    const process = await this.#started;
    const { onStdout, onStderr } = this.#options;
    try {
      this.#events = process.events({ lossless: true });
      for await (const event of this.#events) {
        if (event.kind === "gap") this.#missed = true;
        if (event.kind === "failed") throw new ConnectionError(event.message);
        if (event.kind !== "output") continue;
        const isError = event.stream === "stderr";
        if (isError) this.#stderr.push(event.bytes);
        const told = isError ? onStderr : onStdout;
        const decoder = this.#decoders[isError ? "stderr" : "stdout"];
        if (told) await told(decoder.decode(event.bytes, { stream: true }));
        yield event;
      }
      this.#over = true;
    } catch (error) {
      // Of what the caller did with its output.
      process.terminate().catch(() => {});
      throw this.#options.signal?.aborted ? this.#options.signal.reason : error;
    } finally {
      this.#disarm();
    }
  }

  async #finish(): Promise<CommandResult> {
    const { signal: aborted, throwOnError } = this.#options;
    const process = await this.#started;
    const { exitCode, signal } = await process.wait();
    aborted?.throwIfAborted();
    if (this.#inputFailure) throw this.#inputFailure.error;
    const result: CommandResult = {
      stdout: this.#stdout.text(),
      stderr: this.#stderr.text(),
      exitCode,
      signal,
      timedOut: this.#timedOut,
      truncated: this.#missed || this.#stdout.truncated || this.#stderr.truncated,
    };
    if (throwOnError && (exitCode !== 0 || this.#timedOut)) throw new CommandError(this.#command, result);
    return result;
  }

  /** Not every server ends the streams of a process that had exited before, while somebody else holds them. */
  async #kill(process: ExecProcess): Promise<void> {
    await process.terminate();
    await process.wait();
    setTimeout(() => this.#over || this.#events?.return?.(), EXITED_STREAMS_MS);
  }

  async #start(start: () => Promise<ExecProcess>): Promise<ExecProcess> {
    const { timeoutMs, signal, input } = this.#options;
    signal?.throwIfAborted();
    const starting = start();
    const kill = () => void starting.then((process) => this.#kill(process)).catch(() => {});
    const { promise: tooLate, reject } = deferred<never>();
    tooLate.catch(() => {});
    const abort = () => {
      reject(signal!.reason);
      kill();
    };
    signal?.addEventListener("abort", abort);
    const timer = timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS ? undefined : setTimeout(() => {
      this.#timedOut = true;
      reject(new TimeoutError(`The command did not start within ${timeoutMs} ms`));
      kill();
    }, timeoutMs);
    this.#disarm = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    starting.catch(this.#disarm);
    const process = await Promise.race([starting, tooLate]);
    // Whoever does not read its output need not be kept by what would only kill what has ended.
    if (timer !== undefined) process.wait().then(() => unref(timer), () => unref(timer));
    if (input !== undefined) {
      feed(process, input).catch((error) => {
        this.#inputFailure = { error };
        kill();
      });
    }
    return process;
  }
}

/** The longest that a timer runs. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
