import { ATTACHMENTS_PER_SESSION, LOGGED_ID_CHARS, VIEWERS_PER_PROCESS } from "../limits.ts";
import type { Logger } from "../observe/logger.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ConnectionChild } from "../process/connection_child.ts";
import type { Ask, ProcessOwner, Tell } from "../process/process_owner.ts";
import type { ProcessTable, StartOptions } from "../process/process_table.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ProcessId, SessionId } from "../protocol/ids.ts";
import { type AttachedSession, Attachment, type AttachmentRole } from "./attachment.ts";
import type { SubscriptionOptions } from "./subscription.ts";

/** What a session is known by. */
export interface SessionOptions {
  readonly id: SessionId;
  /** What its client calls itself. */
  readonly clientName: string;
  /** Whose it is: only sessions of the same have a part in its processes. */
  readonly who?: string | undefined;
  readonly processes: ProcessTable;
  readonly logger: Logger;
}

/** One client, whichever connection it has just now: its processes, and those of others that it is attached to. */
export class Session implements AttachedSession, ProcessOwner {
  readonly id: SessionId;
  readonly clientName: string;
  /** Whose it is, where that counts. */
  readonly who: string | undefined;
  /** Its own. */
  readonly processes: ProcessTable;
  /** Whether its client has ever answered a ping, on whichever connection. */
  answersPings = false;
  /** Set while its client is there. */
  tell: Tell | undefined;
  /** Set while its client is there. */
  ask: Ask | undefined;
  readonly #logger: Logger;
  readonly #attachments = new Map<ProcessId, Attachment>();

  constructor({ id, clientName, who, processes, logger }: SessionOptions) {
    this.who = who;
    this.id = id;
    this.clientName = clientName;
    this.processes = processes;
    this.#logger = logger;
  }

  /** The beginning of its id, for the log: whoever reads that must not be able to resume it. */
  get loggedId(): string {
    return this.id.slice(0, LOGGED_ID_CHARS);
  }

  /** Its own processes and those of others, by its names for them. */
  get attachments(): ReadonlyMap<ProcessId, Attachment> {
    return this.#attachments;
  }

  /** Its part in a process, its own or another's. */
  find(id: ProcessId): Attachment | undefined {
    return this.#attachments.get(id);
  }

  /**
   * Starts a process, and follows it from its beginning.
   *
   * @throws {RpcError} see {@linkcode ProcessTable.start}
   */
  start(options: StartOptions): ManagedProcess | Promise<ManagedProcess> {
    this.#checkFree(options.id);
    const started = this.processes.start(options);
    return started instanceof Promise
      ? started.then((process) => this.#begin(process))
      : this.#begin(started);
  }

  /**
   * Follows a connection as a process of its own, which only it knows of.
   *
   * @throws {RpcError} -32600 for a name in use, and for too many
   */
  connect(id: ProcessId, child: ConnectionChild): Attachment {
    this.#checkFree(id);
    return this.#add(new Attachment(this, id, this.processes.connect(id, child), "owner"));
  }

  /**
   * Follows a process of another session.
   *
   * @throws {RpcError} -32600 for a name in use, and for too many
   */
  attach(
    id: ProcessId,
    process: ManagedProcess,
    role: Exclude<AttachmentRole, "owner">,
    options: SubscriptionOptions,
  ): Attachment {
    this.#checkFree(id);
    if (this.#attachments.size - this.processes.size >= ATTACHMENTS_PER_SESSION) {
      throw invalidRequest(
        `at most ${ATTACHMENTS_PER_SESSION} processes of others may be attached to: detach some`,
      );
    }
    if (process.viewers >= VIEWERS_PER_PROCESS) {
      throw invalidRequest(`at most ${VIEWERS_PER_PROCESS} may be attached to one process`);
    }
    return this.#add(new Attachment(this, id, process, role, options));
  }

  /**
   * Makes a process its own that had another owner, or none.
   *
   * @throws {RpcError} -32600 for a name in use
   */
  adopt(id: ProcessId, process: ManagedProcess, options: SubscriptionOptions): Attachment {
    this.#checkFree(id);
    this.processes.take(id, process);
    return this.#add(new Attachment(this, id, process, "owner", options));
  }

  /** Gives up one of its own processes, which somebody else has taken. */
  release(id: ProcessId): void {
    this.#attachments.get(id)?.end("moved");
    this.processes.release(id);
  }

  /** Its client is gone. */
  disconnected(): void {
    this.tell = undefined;
    this.ask = undefined;
    for (const attachment of this.#attachments.values()) attachment.disconnected();
  }

  /**
   * Ends everything: kills its own processes, and detaches from those of others. Resolves when they are gone.
   *
   * @throws {AggregateError} see {@linkcode ProcessTable.dispose}
   */
  async dispose(): Promise<void> {
    // Nobody reads on: a killed process must not wait for this client.
    for (const attachment of [...this.#attachments.values()]) attachment.end("detached");
    await this.processes.dispose();
  }

  /** An attachment has ended. */
  forgetAttachment(attachment: Attachment): void {
    this.#attachments.delete(attachment.id);
    if (attachment.role !== "owner") attachment.process.viewers--;
  }

  #add(attachment: Attachment): Attachment {
    this.#attachments.set(attachment.id, attachment);
    if (attachment.role === "owner") attachment.process.owner = this;
    else attachment.process.viewers++;
    return attachment;
  }

  #begin(process: ManagedProcess): ManagedProcess {
    process.who = this.who;
    this.#add(new Attachment(this, process.id, process, "owner"));
    const { id, pid, threadId, name } = process;
    const fields = { session: this.loggedId, process: id, pid, name, thread: threadId };
    this.#logger.info("process started", fields);
    process.closed.then(() =>
      this.#logger.info("process closed", { ...fields, code: process.state.exitCode })
    );
    return process;
  }

  #checkFree(id: ProcessId): void {
    if (this.#attachments.has(id)) throw invalidRequest(`process ${id} already exists`);
  }
}
