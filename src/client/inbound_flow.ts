import { CLIENT_QUEUE_LIMIT_BYTES } from "../limits.ts";

/** Something that arrives faster than its reader takes it. */
export interface Backlog {
  /** Bytes that arrived and wait for their reader. */
  readonly backlogBytes: number;
}

/** How the server is held up. */
export interface Inbound {
  /** Whether it is told that what it sent has arrived; otherwise it holds output back. */
  readonly confirming: boolean;
  /** Whether it is read at all. */
  readonly reading: boolean;
}

/**
 * Holds a server up while what it sent is not taken.
 *
 * A reader that must lose nothing and falls behind holds up the server's processes, by way of confirmations that it
 * waits for; answers still come, which that reader may be waiting for itself. A server that sends on regardless is not
 * read any more.
 */
export class InboundFlow {
  readonly #onChange: () => void;
  /** Logs of processes with a reader that is a window full behind. */
  readonly #full = new Set<Backlog>();
  readonly #backlogs = new Set<Backlog>();

  /** @param onChange called when {@linkcode inbound} may have changed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** How things stand. */
  get inbound(): Inbound {
    let bytes = 0;
    for (const log of this.#full) bytes = Math.max(bytes, log.backlogBytes);
    for (const { backlogBytes } of this.#backlogs) bytes += backlogBytes;
    return { confirming: this.#full.size === 0, reading: bytes < CLIENT_QUEUE_LIMIT_BYTES };
  }

  /** Says whether a process's log is a window full ahead of one of its readers. */
  setFull(log: Backlog, full: boolean): void {
    if (full === this.#full.has(log)) return;
    if (full) this.#full.add(log);
    else this.#full.delete(log);
    this.#onChange();
  }

  /** Output has arrived; somebody may be further behind than before. */
  arrived(): void {
    if (this.#full.size > 0) this.#onChange();
  }

  /** Counts a backlog of another kind: `changed` is to be called when it has grown or shrunk, `end` when it is over. */
  add(backlog: Backlog): { readonly changed: () => void; readonly end: () => void } {
    this.#backlogs.add(backlog);
    return {
      changed: () => this.#onChange(),
      end: () => {
        this.#backlogs.delete(backlog);
        this.#onChange();
      },
    };
  }
}
