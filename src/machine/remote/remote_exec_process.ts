import type { AttachedProcess } from "../../client/client.ts";
import type { RemoteProcess } from "../../client/remote_process.ts";
import { CLIENT_UNREAD_BYTES, TERMINATED_MS } from "../../limits.ts";
import { FirstReader } from "../../log/first_reader.ts";
import type { EventsOptions, LogCursor } from "../../log/log_cursor.ts";
import type { ProcessState } from "../../log/process_event.ts";
import { type ProcessReadOptions, waitAndRead } from "../../log/wait_and_read.ts";
import type { SignalName, TerminalSize } from "../../protocol/schemas/process.ts";
import type { ProcessOutput, WriteStatus } from "../exec_backend.ts";
import type { ExportFormat } from "../../protocol/schemas/recording.ts";
import type {
  KeyboardChange,
  KeyboardHolder,
  KeyboardOptions,
  ProcessScreen,
  ScreenOptions,
  SharedProcess,
} from "../shared_process.ts";
import type { DescriptorRequest } from "../descriptors_request.ts";
import { type DescriptorWay, type ProcessDescriptor, processDescriptor } from "../process_descriptor.ts";
import { exitOf, type ProcessEnd } from "../process_end.ts";
import { bytesOf } from "../start_request.ts";
import type { AlikeClient } from "./alike_client.ts";
import { cannotExport, cannotShare } from "./find_process.ts";
import { RemoteWrites } from "./remote_writes.ts";

/** How a process of a server is worked with. */
export interface RemoteExecOptions {
  /** Whether everything is kept for the first reader. */
  readonly lossless?: boolean | undefined;
  /** Whether it runs on when it is disposed of. */
  readonly runsOn?: boolean;
  /** What the server said of it, where somebody else started it. */
  readonly attached?: AttachedProcess["answer"];
  /** The operating system's number, where it is known. */
  readonly pid?: number | undefined;
  /** What it was started with beside its standard streams; what the server said of it by default. */
  readonly descriptors?: readonly DescriptorRequest[];
}

/** A process of a server: its events come from the client's copy of its log, everything else is a call. */
export class RemoteExecProcess implements SharedProcess {
  readonly pid: number | undefined;
  readonly #client: AlikeClient;
  readonly #process: RemoteProcess;
  readonly #reader: FirstReader;
  readonly #writes: RemoteWrites;
  readonly #runsOn: boolean;
  readonly #attached: AttachedProcess["answer"] | undefined;
  readonly #descriptors: readonly DescriptorRequest[];
  /** The ways into its descriptors, as far as they were written to. */
  readonly #inputs = new Map<number, RemoteWrites>();
  #keyboard: KeyboardHolder | undefined;
  #unlisten: (() => void) | undefined;
  #signal: string | null = null;

  constructor(client: AlikeClient, process: RemoteProcess, options: RemoteExecOptions) {
    const { lossless, runsOn = false, attached, pid, descriptors = attached?.descriptors ?? [] } = options;
    this.pid = pid;
    this.#client = client;
    this.#process = process;
    this.#reader = new FirstReader(process.log, { lossless, limitBytes: CLIENT_UNREAD_BYTES });
    process.letGo(); // Its place is taken over.
    this.#writes = new RemoteWrites(client, process.id);
    this.#runsOn = runsOn;
    this.#attached = attached;
    this.#descriptors = descriptors;
    this.#keyboard = attached?.keyboard;
    if (attached) this.#unlisten = this.listenKeyboard(({ holder }) => this.#keyboard = holder);
  }

  get processId(): string {
    return this.#process.id;
  }

  get state(): ProcessState {
    return this.#process.state;
  }

  get signalName(): string | null {
    return this.#signal;
  }

  async wait(): Promise<ProcessEnd> {
    const exitCode = await exitOf(this.#process.log);
    // Others end with such a code, too: only the server knows.
    if (exitCode > 128 && this.#signal === null) this.#signal = await this.#askSignal();
    return { exitCode, signal: this.#signal };
  }

  get role(): SharedProcess["role"] {
    return this.#attached?.role ?? "owner";
  }

  get keyboard(): KeyboardHolder {
    return this.#keyboard ?? "you";
  }

  get picture(): ProcessScreen | undefined {
    return this.#attached?.screen ?? undefined;
  }

  get size(): TerminalSize | undefined {
    return this.#attached?.size ?? undefined;
  }

  events(options?: EventsOptions): LogCursor {
    return this.#reader.events({ afterSeq: this.#process.beginsAfter, ...options });
  }

  async read(options?: ProcessReadOptions): Promise<ProcessOutput> {
    try {
      return await this.#read(options);
    } finally {
      this.#reader.letGo();
    }
  }

  write(data: Uint8Array | string): Promise<WriteStatus> {
    return this.#writes.write(bytesOf(data));
  }

  async closeStdin(): Promise<"accepted" | "stdinClosed" | "unknownProcess"> {
    await this.#writes.done;
    const { status } = await this.#client.call("process/closeStdin", { processId: this.processId });
    return status;
  }

  descriptor(fd: number): ProcessDescriptor {
    const way: DescriptorWay = {
      process: this,
      write: (fd, data) => this.#inputOf(fd).write(bytesOf(data)),
      close: async (fd) => {
        await this.#inputOf(fd).done;
        const params = { processId: this.processId, fd };
        return (await this.#client.call("process/closeStdin", params)).status;
      },
    };
    return processDescriptor(way, this.#descriptors, fd);
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

  async takeKeyboard(options: KeyboardOptions = {}): Promise<KeyboardHolder> {
    return await this.#setKeyboard({ take: true, ...options });
  }

  async giveKeyboardBack(note?: string): Promise<KeyboardHolder> {
    return await this.#setKeyboard({ take: false, note });
  }

  listenKeyboard(listener: (change: KeyboardChange) => void): () => void {
    return this.#client.client.listen("process/keyboard", ({ processId, ...change }) => {
      if (processId === this.processId) listener(change);
    });
  }

  listenSize(listener: (size: TerminalSize) => void): () => void {
    return this.#client.client.listen("process/resized", ({ processId, size }) => {
      if (processId === this.processId) listener(size);
    });
  }

  async screen({ format = "text", scrollback }: ScreenOptions = {}): Promise<ProcessScreen> {
    return await this.#client.call("process/screen", { processId: this.processId, format, scrollback });
  }

  async *export(format: ExportFormat = "v3"): AsyncIterable<Uint8Array> {
    if (!this.#client.can("processExport")) throw cannotExport();
    let position: string | null | undefined;
    do {
      const params = { processId: this.processId, format, position };
      const part = await this.#client.call("process/export", params);
      yield part.chunk;
      position = part.position;
    } while (position !== null);
  }

  async detach(): Promise<void> {
    if (!this.#client.can("attach")) throw cannotShare();
    this.#end();
    await this.#client.detach(this.processId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    if (this.#process.ended) return;
    try {
      if (this.role !== "owner" || this.#runsOn) return await this.#client.detach(this.processId);
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

  async #setKeyboard(params: { take: boolean } & KeyboardOptions): Promise<KeyboardHolder> {
    if (!this.#client.can("attach")) throw cannotShare();
    const { holder } = await this.#client.call("process/keyboard", { processId: this.processId, ...params });
    return this.#keyboard = holder;
  }

  #inputOf(fd: number): RemoteWrites {
    const known = this.#inputs.get(fd);
    if (known) return known;
    const writes = new RemoteWrites(this.#client, this.processId, fd);
    this.#inputs.set(fd, writes);
    return writes;
  }

  async #askSignal(): Promise<string | null> {
    if (this.role !== "owner" || !this.#client.can("processList")) return null;
    const { processes } = await this.#client.call("process/list", {}).catch(() => ({ processes: [] }));
    return processes.find(({ processId }) => processId === this.processId)?.signal ?? null;
  }

  #end(): void {
    this.#reader.letGo();
    this.#unlisten?.();
  }
}
