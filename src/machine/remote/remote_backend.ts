import type { ExecServerClient } from "../../client/client.ts";
import type { RemoteProcess } from "../../client/remote_process.ts";
import { CLIENT_UNREAD_BYTES, CLIENT_WRITE_BYTES, TERMINATED_MS } from "../../limits.ts";
import { FirstReader } from "../../log/first_reader.ts";
import type { EventsOptions, LogCursor } from "../../log/log_cursor.ts";
import type { ProcessState } from "../../log/process_event.ts";
import { type ProcessReadOptions, waitAndRead } from "../../log/wait_and_read.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { SignalName, TerminalSize } from "../../protocol/schemas/process.ts";
import type { ExecBackend, ExecProcess, ProcessOutput, StartRequest, WriteStatus } from "../exec_backend.ts";
import { wireSandbox } from "../sandbox_request.ts";
import {
  bytesOf,
  checkStartRequest,
  directoryUri,
  envOf,
  envPolicyOf,
  wantsAnswers,
} from "../start_request.ts";

/** Processes of a server. The client is the caller's to close. */
export class RemoteBackend implements ExecBackend {
  readonly #client: ExecServerClient;

  constructor(client: ExecServerClient) {
    this.#client = client;
  }

  async start(request: StartRequest): Promise<ExecProcess> {
    checkStartRequest(request);
    const answers = wantsAnswers(request);
    if (answers && !this.#client.can("processScreenAnswers")) {
      throw invalidRequest(
        "screen.answers: this server keeps no screens, so nothing would answer the program",
      );
    }
    const { cwd: home, platformOs } = this.#client.environmentInfo;
    const directory = (path: string) => directoryUri(path, (platformOs ?? "linux") as PlatformOs);
    const cwd = directory(request.cwd ?? home ?? "/");
    const envPolicy = envPolicyOf(request);
    const started = await this.#client.start({
      processId: request.processId ?? crypto.randomUUID(),
      argv: [...request.argv],
      cwd,
      env: envOf(request),
      tty: request.tty ?? false,
      pipeStdin: request.pipeStdin ?? false,
      ...(envPolicy ? { envPolicy } : {}),
      ...(request.arg0 === undefined ? {} : { arg0: request.arg0 }),
      ...(answers ? { screen: { answers } } : {}),
      ...(request.size === undefined ? {} : { size: request.size }),
      ...(request.sandbox ? { sandbox: wireSandbox(request.sandbox, cwd, directory) } : {}),
    });
    return new RemoteExecProcess(this.#client, started, request.lossless);
  }
}

/** A process of a server: its events come from the client's copy of its log, everything else is a call. */
class RemoteExecProcess implements ExecProcess {
  readonly #client: ExecServerClient;
  readonly #process: RemoteProcess;
  readonly #reader: FirstReader;
  #writes = 0;
  /** The last write, which the next one waits for: a server may serve two at once, and swap them. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(client: ExecServerClient, process: RemoteProcess, lossless?: boolean) {
    this.#client = client;
    this.#process = process;
    this.#reader = new FirstReader(process.log, { lossless, limitBytes: CLIENT_UNREAD_BYTES });
    process.letGo(); // Its place is taken over.
  }

  get processId(): string {
    return this.#process.id;
  }

  get state(): ProcessState {
    return this.#process.state;
  }

  events(options?: EventsOptions): LogCursor {
    return this.#reader.events(options);
  }

  async read(options?: ProcessReadOptions): Promise<ProcessOutput> {
    try {
      return await this.#read(options);
    } finally {
      this.#reader.letGo();
    }
  }

  write(data: Uint8Array | string): Promise<WriteStatus> {
    const bytes = bytesOf(data);
    const write = this.#written.then(() => this.#writeParts(bytes));
    this.#written = write.catch(() => {});
    return write;
  }

  async closeStdin(): Promise<"accepted" | "stdinClosed" | "unknownProcess"> {
    await this.#written;
    const { status } = await this.#client.call("process/closeStdin", { processId: this.processId });
    return status;
  }

  async signal(signal: SignalName): Promise<void> {
    await this.#client.call("process/signal", { processId: this.processId, signal });
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#client.call("process/resize", { processId: this.processId, size });
  }

  async terminate(): Promise<boolean> {
    this.#reader.letGo();
    const { running } = await this.#client.call("process/terminate", { processId: this.processId });
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.letGo();
    if (this.#process.ended) return;
    try {
      const params = { processId: this.processId };
      await this.#client.call("process/terminate", params, { timeoutMs: TERMINATED_MS });
    } catch {
      // The session is lost, and the process with it; or the server answers nothing.
    }
  }

  async #read(options: ProcessReadOptions = {}): Promise<ProcessOutput> {
    const { log } = this.#process;
    const { afterSeq = 0, maxBytes } = options;
    // The server may still have what was evicted here. Waiting is done here in any case: some servers do nothing else
    // meanwhile.
    if (afterSeq + 1 < log.firstSeq && log.failure === undefined) {
      const params = { processId: this.processId, afterSeq, maxBytes, waitMs: 0 };
      const { chunks, ...rest } = await this.#client.call("process/read", params);
      return { chunks: chunks.map(({ chunk, ...where }) => ({ ...where, bytes: chunk })), ...rest };
    }
    return await waitAndRead(log, options);
  }

  async #writeParts(bytes: Uint8Array): Promise<WriteStatus> {
    let at = 0;
    for (;;) {
      const chunk = encodeBase64(bytes.subarray(at, at + CLIENT_WRITE_BYTES));
      const writeId = String(++this.#writes);
      const { status } = await this.#client.call("process/write", {
        processId: this.processId,
        chunk,
        writeId,
      });
      at += CLIENT_WRITE_BYTES;
      if (status !== "accepted" || at >= bytes.length) return status;
    }
  }
}
