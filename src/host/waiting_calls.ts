import { CALL_THREADS } from "../limits.ts";

/**
 * The calls that may wait on a thread of the runtime for something that never answers: a file on a dead network mount, a
 * program or a directory on one. The runtime has few threads for such calls, and a call that hangs has its thread for ever,
 * so they are shared out: nobody's calls can take the threads that all others need.
 *
 * Whoever calls may have as many calls under way at once as a third of what is free. One alone has plenty; many who hang
 * leave ever less, and something to everybody.
 */
export class WaitingCalls {
  readonly #threads: number;
  readonly #waiting = new Set<CallShare>();
  #underWay = 0;

  /** @param threads how many calls may be under way in all */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** The share of one client: everything that it makes wait waits in it. */
  share(): CallShare {
    const share: CallShare = new CallShare({
      mayStart: (own) =>
        this.#underWay < this.#threads && own < Math.max(1, (this.#threads - this.#underWay) / 3),
      started: () => void this.#underWay++,
      ended: () => {
        this.#underWay--;
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
  mayStart(own: number): boolean;
  started(): void;
  ended(): void;
  /** Has the share go on when a call has ended. */
  waits(): void;
}

/** The calls of one client; those that are too many at once wait for their turn. */
export class CallShare {
  readonly #all: AllCalls;
  readonly #queue: (() => void)[] = [];
  #underWay = 0;

  constructor(all: AllCalls) {
    this.#all = all;
  }

  /** Makes a call, or has it wait until others have ended. A call must not wait for another one of the same share. */
  run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#queue.length === 0 && this.#all.mayStart(this.#underWay)) return this.#start(call);
    return new Promise((resolve) => {
      this.#queue.push(() => resolve(this.#start(call)));
      this.#all.waits();
    });
  }

  /** Makes calls that wait, as many as may be. */
  goOn(): void {
    while (this.#queue.length > 0) {
      if (!this.#all.mayStart(this.#underWay)) return this.#all.waits();
      this.#queue.shift()!();
    }
  }

  async #start<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#underWay++;
    this.#all.started();
    try {
      return await call();
    } finally {
      this.#underWay--;
      this.#all.ended();
    }
  }
}

/** Those of this program: its threads are the runtime's, however many servers it has. */
export const waitingCalls = new WaitingCalls(CALL_THREADS);
