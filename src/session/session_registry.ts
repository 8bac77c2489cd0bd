import { randomUUID } from "node:crypto";
import { DETACHED_SESSION_MS, KEPT_PROCESS_MS, SESSIONS } from "../limits.ts";
import { errorCodes, invalidRequest, RpcError } from "../protocol/errors.ts";
import { asProcessId, asSessionId, type ProcessId } from "../protocol/ids.ts";
import type { ProcessRegistry } from "../process/process_registry.ts";
import { ProcessTable } from "../process/process_table.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { Attachment } from "./attachment.ts";
import { Session } from "./session.ts";
import type { SubscriptionOptions } from "./subscription.ts";
import type { Logger } from "../observe/logger.ts";

/** The connection that is attached to a session. */
export interface SessionHolder {
  /** Somebody else wants the session: one that gives no sign of life soon is ended. */
  probe(): void;
}

/** A session and who holds it, if anybody. */
interface Entry {
  readonly session: Session;
  holder: SessionHolder | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** A process and whose it is. */
export interface OwnedProcess {
  readonly process: ManagedProcess;
  /** Undefined for one that outlived its session. */
  readonly owner: { readonly session: Session; readonly isAttached: boolean } | undefined;
}

/** All sessions of a server. A session outlives its connection for a while, then its processes are killed. */
export class SessionRegistry {
  readonly #processes: ProcessRegistry;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  /** Those without a connection, the one that was detached first in front. */
  readonly #detached = new Set<Entry>();
  /** Has the processes that outlived their sessions. */
  readonly #nobody: Session;
  #disposed = false;

  /** Whether none may begin, while those that there are go on. */
  draining = false;

  /** @param processes where those of all sessions are */
  constructor(processes: ProcessRegistry, logger: Logger) {
    this.#processes = processes;
    this.#logger = logger;
    this.#nobody = new Session({
      id: asSessionId(randomUUID()),
      clientName: "",
      processes: new ProcessTable(processes, KEPT_PROCESS_MS),
      logger,
    });
  }

  /** How many there are, with those that may be resumed. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * A new session, attached.
   *
   * @throws {RpcError} -32600 when there are too many, or the server stops or drains
   */
  create(holder: SessionHolder, clientName = "", who?: string): Session {
    if (this.#disposed) throw invalidRequest("the server stops");
    if (this.draining) throw invalidRequest("the server drains: it takes no new session, choose another one");
    this.#makeRoom();
    const session = new Session({
      id: asSessionId(randomUUID()),
      clientName,
      who,
      processes: new ProcessTable(this.#processes),
      logger: this.#logger,
    });
    this.#entries.set(session.id, { session, holder, timer: undefined });
    return session;
  }

  /**
   * An existing session, attached again. Whoever holds it is asked for a sign of life, since it is likely the other end
   * of a connection that the same client has given up.
   *
   * @throws {RpcError} -32600 for an unknown one, -32010 while another connection holds it
   */
  resume(id: string, holder: SessionHolder, who?: string): Session {
    const entry = this.#entries.get(id);
    if (!entry || entry.session.who !== who) throw invalidRequest(`unknown session id ${id}`);
    if (entry.holder) {
      entry.holder.probe();
      throw new RpcError(
        errorCodes.sessionAttached,
        `session ${id} is already attached to another connection`,
      );
    }
    clearTimeout(entry.timer);
    this.#detached.delete(entry);
    entry.holder = holder;
    return entry.session;
  }

  /** How many sessions have a connection, and how many have none. */
  get counts(): { readonly attached: number; readonly detached: number } {
    return { attached: this.#entries.size - this.#detached.size, detached: this.#detached.size };
  }

  /** Every process, and whose it is: undefined for one that outlived its session. */
  *processes(): Iterable<OwnedProcess> {
    for (const { session, holder } of this.#entries.values()) {
      for (const process of session.processes.values()) {
        yield { process, owner: { session, isAttached: holder !== undefined } };
      }
    }
    for (const process of this.#nobody.processes.values()) yield { process, owner: undefined };
  }

  /**
   * Lets a process of the server's lifetime run on without the session that it belongs to.
   *
   * @throws {RpcError} -32600 for too many; it is the session's as before then
   */
  leave(session: Session, id: ProcessId): void {
    const process = session.processes.get(id)!;
    this.#nobody.processes.take(asProcessId(process.handle), process);
    session.release(id);
  }

  /**
   * Makes a process a session's own whose own session is gone, or has lost its connection.
   *
   * @throws {RpcError} -32600 while its owner is there, for a name in use and for too many; it is as before then
   */
  adopt(session: Session, id: ProcessId, process: ManagedProcess, options: SubscriptionOptions): Attachment {
    const owner = this.#ownerOf(process);
    const idBefore = process.id;
    if (owner !== this.#nobody && this.#entries.get(owner.id)?.holder) {
      throw invalidRequest(
        `process ${process.handle} belongs to a client that is there: attach to it instead`,
      );
    }
    const attachment = session.adopt(id, process, options);
    owner.release(idBefore);
    return attachment;
  }

  #ownerOf(process: ManagedProcess): Session {
    for (const { session } of this.#entries.values()) {
      if (session.processes.get(process.id) === process) return session;
    }
    return this.#nobody;
  }

  /** The session's connection is lost: from now on it has a limited time. */
  detach(session: Session): void {
    const entry = this.#entries.get(session.id);
    if (!entry) return;
    session.disconnected();
    entry.holder = undefined;
    this.#detached.add(entry);
    entry.timer = setTimeout(() => {
      this.#logger.info("session expired", { session: session.loggedId });
      this.remove(session);
    }, DETACHED_SESSION_MS);
  }

  /** Ends a session and kills its processes. Resolves when they are gone; what cannot be killed is logged. */
  async remove(session: Session): Promise<void> {
    const entry = this.#entries.get(session.id);
    if (entry) this.#detached.delete(entry);
    clearTimeout(entry?.timer);
    this.#entries.delete(session.id);
    if (!this.#disposed) this.#keepServerProcesses(session);
    try {
      await session.dispose();
    } catch (error) {
      // Nobody can be told: the session is over, and the server has others.
      this.#logger.error("processes left behind", {
        session: session.loggedId,
        reason: (error as Error).message,
      });
    }
  }

  /** @throws {RpcError} -32600 where every session is attached or has a process that runs */
  #makeRoom(): void {
    if (this.#entries.size < SESSIONS) return;
    const detached = [...this.#detached];
    const given = detached.find(({ session }) => session.processes.size === 0) ??
      detached.find(({ session }) => !session.processes.isActive);
    if (!given) throw invalidRequest(`at most ${SESSIONS} sessions may exist at once`);
    this.#logger.info("session gave way", { session: given.session.loggedId });
    void this.remove(given.session);
  }

  /** Ends all sessions, and begins no more. Resolves when every process is gone. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const sessions = [...this.#entries.values()].map(({ session }) => session);
    await Promise.all([this.#nobody, ...sessions].map((session) => this.remove(session)));
  }

  /** Those for which there is no room end with their session, as others do. */
  #keepServerProcesses(session: Session): void {
    for (const { id, lifetime, handle } of [...session.processes.values()]) {
      if (lifetime !== "server") continue;
      try {
        this.leave(session, id);
      } catch (error) {
        this.#logger.error("process ends with its session", {
          process: handle,
          reason: (error as Error).message,
        });
      }
    }
  }
}
