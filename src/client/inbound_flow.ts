import { CLIENT_QUEUE_LIMIT_BYTES } from "../limits.ts";
import type { Link } from "./link.ts";

/** Something that arrives faster than its reader takes it. */
export interface Backlog {
  /** Bytes that arrived and wait for their reader. */
  readonly backlogBytes: number;
}

/**
 * Holds a server up while what it sent is not taken.
 *
 * A reader that must lose nothing and falls behind holds up the server's processes, by way of confirmations that it
 * waits for; answers still come, which that reader may be waiting for itself. A server that sends on regardless is not
 * read any more.
 */
export class InboundFlow {
  readonly #link: () => Link | undefined;
  /** Logs of processes with a reader that is a window full behind. */
  readonly #full = new Set<Backlog>();
  readonly #backlogs = new Set<Backlog>();

  /** @param link the connection, while there is one */
  constructor(link: () => Link | undefined) {
    this.#link = link;
  }

  /** Says whether a process's log is a window full ahead of one of its readers. */
  setFull(log: Backlog, full: boolean): void {
    if (full === this.#full.has(log)) return;
    if (full) this.#full.add(log);
    else this.#full.delete(log);
    this.update();
  }

  /** Output has arrived; somebody may be further behind than before. */
  arrived(): void {
    if (this.#full.size > 0) this.update();
  }

  /** Counts a backlog of another kind: `changed` is to be called when it has grown or shrunk, `end` when it is over. */
  add(backlog: Backlog): { readonly changed: () => void; readonly end: () => void } {
    this.#backlogs.add(backlog);
    return {
      changed: () => this.update(),
      end: () => {
        this.#backlogs.delete(backlog);
        this.update();
      },
    };
  }

  /** Tells the connection how things stand. */
  update(): void {
    const link = this.#link();
    if (!link) return;
    let bytes = 0;
    for (const log of this.#full) bytes = Math.max(bytes, log.backlogBytes);
    for (const { backlogBytes } of this.#backlogs) bytes += backlogBytes;
    link.setConfirming(this.#full.size === 0);
    link.setReading(link.mustRead || bytes < CLIENT_QUEUE_LIMIT_BYTES);
  }
}
