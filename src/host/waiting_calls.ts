import { CALL_THREADS, REMOTE_CALL_THREADS_SHARE } from "../limits.ts";
import { remoteMountOf } from "./remote_path.ts";

/**
 * The calls that may wait on a thread of the runtime for something that never answers: a file on a dead network mount, a
 * program or a directory on one. The runtime has few threads for such calls, and a call that hangs has its thread for ever,
 * so they are shared out: nobody's calls can take the threads that all others need.
 *
 * Whoever calls may have as many calls under way at once as a third of what is free. One alone has plenty; many who hang
 * leave ever less, and something to everybody. However many they are, calls on file systems that another machine or program
 * serves never take all: this machine's own are there for everybody.
 */
export class WaitingCalls {
  readonly #threads: number;
  readonly #waiting = new Set<CallShare>();
  #underWay = 0;
  #remote = 0;

  /** @param threads how many calls may be under way in all */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** The share of one client: everything that it makes wait waits in it. */
  share(): CallShare {
    const share: CallShare = new CallShare({
      mayStart: (own, isRemote) =>
        this.#underWay < this.#threads && own < Math.max(1, (this.#threads - this.#underWay) / 3) &&
        !(isRemote && this.#remote >= this.#threads * REMOTE_CALL_THREADS_SHARE),
      started: (isRemote) => {
        this.#underWay++;
        this.#remote += Number(isRemote);
      },
      ended: (isRemote) => {
        this.#underWay--;
        this.#remote -= Number(isRemote);
        this.#goOn();
      },
      waits: () => void this.#waiting.add(share),
    });
    return share;
  }

  /** Lets those go on that wait, in turn. */
  #goOn(): void {
    for (const share of [...this.#waiting]) {
      if (this.#underWay >= this.#threads) return;
      this.#waiting.delete(share);
      share.goOn();
    }
  }
}

/** What a share asks of all calls. */
interface AllCalls {
  /** Whether one with so many calls under way may have another. */
  mayStart(own: number, isRemote: boolean): boolean;
  started(isRemote: boolean): void;
  ended(isRemote: boolean): void;
  /** Has the share go on when a call has ended. */
  waits(): void;
}

/** The calls of one client; those that are too many at once wait for their turn. */
export class CallShare {
  readonly #all: AllCalls;
  readonly #queue: { readonly start: () => void; readonly isRemote: boolean }[] = [];
  #underWay = 0;

  constructor(all: AllCalls) {
    this.#all = all;
  }

  /**
   * Makes a call, or has it wait until others have ended. A call must not wait for another one of the same share.
   *
   * @param path what it touches, where that is known: it may lie on a file system that does not answer
   */
  run<Result>(call: () => Promise<Result>, path?: string): Promise<Result> {
    const isRemote = path !== undefined && remoteMountOf(path) !== undefined;
    if (this.#queue.length === 0 && this.#all.mayStart(this.#underWay, isRemote)) {
      return this.#start(call, isRemote);
    }
    return new Promise((resolve) => {
      this.#queue.push({ isRemote, start: () => resolve(this.#start(call, isRemote)) });
      this.#all.waits();
    });
  }

  /** Makes calls that wait, as many as may be. */
  goOn(): void {
    while (this.#queue.length > 0) {
      if (!this.#all.mayStart(this.#underWay, this.#queue[0]!.isRemote)) return this.#all.waits();
      this.#queue.shift()!.start();
    }
  }

  async #start<Result>(call: () => Promise<Result>, isRemote: boolean): Promise<Result> {
    this.#underWay++;
    this.#all.started(isRemote);
    try {
      return await call();
    } finally {
      this.#underWay--;
      this.#all.ended(isRemote);
    }
  }
}

/** Those of this program: its threads are the runtime's, however many servers it has. */
export const waitingCalls = new WaitingCalls(CALL_THREADS);
