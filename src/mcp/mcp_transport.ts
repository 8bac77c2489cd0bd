import { MCP_LINE_BYTES, MCP_SIGNAL_MS, MCP_STDERR_BYTES, MCP_STDIN_MS, MCP_STREAMS_MS } from "../limits.ts";
import type { ProcessEvent } from "../log/process_event.ts";
import { endProcess, resolvesWithin } from "../machine/end_process.ts";
import type { ExecBackend, ExecProcess, StartRequest, WriteStatus } from "../machine/exec_backend.ts";
import { decodeLeniently, type Line, LineSplitter } from "../transport/line_splitter.ts";
import { type McpMessage, McpServerExitError, parseMcpMessage, quote } from "./mcp_message.ts";
import { TailBuffer } from "../machine/tail_buffer.ts";

/** An MCP server that speaks over its standard streams, as a command of the backend's machine. */
export type McpServerCommand = Pick<StartRequest, "argv" | "cwd" | "env" | "envPolicy" | "arg0">;

/** What a transport may cost and how long its end may take. */
export interface McpExecOptions {
  /** Bytes of one message from the server; {@linkcode MCP_LINE_BYTES} by default. */
  readonly lineBytes?: number;
  /** Bytes of the server's stderr that are kept, the last ones; {@linkcode MCP_STDERR_BYTES} by default. */
  readonly stderrBytes?: number;
  /** Milliseconds for the server to end when its stdin has; {@linkcode MCP_STDIN_MS} by default. */
  readonly stdinMs?: number;
  /** Milliseconds for it to end after SIGTERM, until it is killed; {@linkcode MCP_SIGNAL_MS} by default. */
  readonly signalMs?: number;
}

/**
 * A transport for the clients of `@modelcontextprotocol/sdk` that starts a stdio MCP server through a backend: the
 * server runs wherever the backend's processes run. It has the shape of the SDK's `Transport` and imports nothing of
 * it. A connection that is lost and got back is not noticed. There is no `sessionId`, since a client takes one for a
 * session that was begun before.
 *
 * Messages are lines of JSON. A line that holds no message, or one that is too long, is told to `onerror` and skipped,
 * and the stream goes on: who waits for what it said runs into its own time limit. Blank lines are skipped silently.
 *
 * The server's exit ends the transport. Children that a server which ended by itself left behind are killed where they
 * hold its streams; those that do not are not found.
 */
export class McpExecTransport implements AsyncDisposable {
  /** Told of every message, in order. */
  onmessage?: ((message: McpMessage) => void) | undefined;
  /** Told of everything that goes wrong; of an unasked exit by an {@linkcode McpServerExitError}. */
  onerror?: ((error: Error) => void) | undefined;
  /** Told once, when the server is gone or could not be started. */
  onclose?: (() => void) | undefined;
  /** Told what the server writes to stderr, as it comes. */
  onstderr?: ((bytes: Uint8Array) => void) | undefined;

  readonly #backend: ExecBackend;
  readonly #command: McpServerCommand;
  readonly #options: McpExecOptions;
  readonly #lines: LineSplitter<string>;
  readonly #stderr: TailBuffer;
  readonly #exited: Promise<void>;
  #markExited!: () => void;
  #process: ExecProcess | undefined;
  #events: AsyncIterableIterator<ProcessEvent> | undefined;
  #starting: Promise<void> | undefined;
  /** Resolves when the server's events have ended and everybody is told. */
  #ended: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #over = false;

  constructor(backend: ExecBackend, command: McpServerCommand, options: McpExecOptions = {}) {
    this.#backend = backend;
    this.#command = command;
    this.#options = options;
    this.#lines = new LineSplitter(options.lineBytes ?? MCP_LINE_BYTES, decodeLeniently);
    this.#stderr = new TailBuffer(options.stderrBytes ?? MCP_STDERR_BYTES);
    this.#exited = new Promise((resolve) => this.#markExited = resolve);
  }

  /** The end of what the server wrote to stderr so far. */
  stderr(): string {
    return this.#stderr.text();
  }

  /**
   * Starts the server. The SDK's client calls this itself.
   *
   * @throws {Error} when it cannot be started, when the transport was used before, or is closed meanwhile
   */
  async start(): Promise<void> {
    if (this.#starting) throw new Error(`The transport to ${this.#name} was started already; make a new one`);
    if (this.#closing) throw this.#closedError();
    this.#starting = this.#start();
    await this.#starting;
  }

  /**
   * Sends a message, after those that were sent before. Resolves when there is room for more.
   *
   * @throws {Error} when there is no server to take it
   * @throws {ConnectionError} when the server's machine is lost
   */
  async send(message: McpMessage): Promise<void> {
    if (this.#closing || this.#over) throw this.#closedError();
    if (!this.#process) throw new Error(`The transport to ${this.#name} is not started; call start() first`);
    switch (await this.#write(this.#process, `${JSON.stringify(message)}\n`)) {
      case "accepted":
        return;
      case "stdinClosed":
        throw new Error(`The message was not sent: the stdin of ${this.#name} is closed`);
      case "unknownProcess":
        throw new Error(`The message was not sent: ${this.#name} ended a while ago and is forgotten`);
      case "starting":
        throw new Error(`The message was not sent: ${this.#name} is still starting; send it again`);
    }
  }

  /**
   * Ends the server, at first by the end of its stdin, and waits until it is gone. Where the connection to its machine
   * is lost, that takes until it is back or given up. Idempotent.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #program(): string {
    return this.#command.argv[0] ?? "";
  }

  get #name(): string {
    return `the MCP server "${this.#program}"`;
  }

  #closedError(options?: ErrorOptions): Error {
    return new Error(`The transport to ${this.#name} is closed; make a new one`, options);
  }

  async #write(process: ExecProcess, line: string): Promise<WriteStatus> {
    try {
      return await process.write(line);
    } catch (error) {
      // Some servers fail a write that waits when its process ends.
      if (this.#closing || this.#over) throw this.#closedError({ cause: error });
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { argv, cwd, env, envPolicy, arg0 } = this.#command;
    try {
      this.#process = await this.#backend.start({ argv, cwd, env, envPolicy, arg0, pipeStdin: true });
    } catch (error) {
      this.#end();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot start ${this.#name}: ${reason}`, { cause: error });
    }
    this.#events = this.#process.events({ lossless: true });
    this.#ended = this.#follow(this.#process, this.#events);
    if (this.#closing) throw this.#closedError();
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => {});
    if (this.#process && !this.#over) {
      const { stdinMs = MCP_STDIN_MS, signalMs = MCP_SIGNAL_MS } = this.#options;
      await endProcess(this.#process, this.#exited, { stdinMs, signalMs });
      await this.#endStreams(this.#process, this.#events!);
    }
    await this.#ended;
    this.#end();
  }

  async #follow(process: ExecProcess, events: AsyncIterableIterator<ProcessEvent>): Promise<void> {
    let exitCode: number | undefined;
    let failure: string | undefined;
    for await (const event of events) {
      if (event.kind === "output") {
        if (event.stream === "stderr") this.#takeStderr(event.bytes);
        else await this.#takeLines(this.#lines.push(event.bytes));
      } else if (event.kind === "exited") {
        exitCode = event.exitCode;
        this.#markExited();
        this.#endStreams(process, events);
      } else if (event.kind === "gap") {
        failure = `events ${event.fromSeq} to ${event.toSeq} of its output are lost`;
        break;
      } else if (event.kind === "failed") {
        failure = event.message;
      }
    }
    await this.#takeLines(this.#lines.end());
    this.#markExited();
    if (failure !== undefined) {
      this.#report(new Error(`Cannot follow ${this.#name} any more: ${failure}`));
      await process.terminate().catch(() => {});
    } else if (exitCode !== undefined && !this.#closing) {
      this.#report(new McpServerExitError(this.#program, exitCode, this.stderr()));
    }
    this.#end();
  }

  /** Ends the wait for output of a server that is gone, while others still hold its streams. */
  async #endStreams(process: ExecProcess, events: AsyncIterableIterator<ProcessEvent>): Promise<void> {
    if (await resolvesWithin(this.#ended!, MCP_STREAMS_MS)) return;
    await process.terminate().catch(() => {});
    if (await resolvesWithin(this.#ended!, MCP_STREAMS_MS)) return;
    await events.return?.();
  }

  async #takeLines(lines: readonly Line[]): Promise<void> {
    for (const line of lines) {
      if (line.kind === "tooLong") {
        const limit = this.#options.lineBytes ?? MCP_LINE_BYTES;
        this.#report(new Error(`A line of ${this.#name} is longer than ${limit} bytes and is skipped`));
        continue;
      }
      const message = parseMcpMessage(line.text);
      if (message) {
        this.#guard(() => this.onmessage?.(message));
        // The SDK looks at a notification one turn later, and forgets who waits for progress as soon as it sees the
        // response, which may stand in the same chunk.
        await undefined;
      } else if (line.text.trim() !== "") {
        this.#report(new Error(`A line of ${this.#name} is no JSON-RPC message: ${quote(line.text)}`));
      }
    }
  }

  #takeStderr(bytes: Uint8Array): void {
    this.#stderr.push(bytes);
    this.#guard(() => this.onstderr?.(bytes));
  }

  /** A listener that throws must not keep the others from what they are to be told. */
  #guard(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#report(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #report(error: Error): void {
    try {
      this.onerror?.(error);
    } catch (thrown) {
      // There is nobody left to tell but the program itself.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#guard(() => this.onclose?.());
  }
}
