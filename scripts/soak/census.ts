import { isAlive, pidsWith, until } from "../../tests/support/proc.ts";

/** Milliseconds in which a process that must end is gone, however busy the machine is. */
const GONE_MS = 30_000;

/** Every process that was started, by pid and by a variable that its descendants inherit. */
export class Census {
  readonly #run = `SOAK_RUN=${crypto.randomUUID()}`;
  #entered = 0;
  /** Those that somebody else is to end, and by when. */
  readonly #left = new Map<number, number>();

  /** The variable that each process has, and hands down. */
  get env(): Record<string, string> {
    return { PATH: "/usr/bin:/bin", SOAK_RUN: this.#run.slice("SOAK_RUN=".length) };
  }

  get entered(): number {
    return this.#entered;
  }

  /** Enters a process that has ended, or was killed. @throws {Error} where it lives on */
  async ended(pid: number): Promise<void> {
    this.#count(pid);
    await until(`process ${pid} is gone`, () => !isAlive(pid), GONE_MS);
  }

  /** Enters a process that the server is to end within some milliseconds, since nobody wants it any more. */
  left(pid: number, withinMs: number): void {
    this.#count(pid);
    this.#left.set(pid, performance.now() + withinMs);
  }

  /** How many of those live. @throws {Error} where one outlived its time */
  checkLeft(): number {
    const now = performance.now();
    for (const [pid, endsAt] of this.#left) {
      if (!isAlive(pid)) this.#left.delete(pid);
      else if (now > endsAt) throw new Error(`Process ${pid} of a session that is over lives on`);
    }
    return this.#left.size;
  }

  /** The processes of this run that live. */
  living(): number[] {
    return pidsWith(this.#run);
  }

  /** @throws {Error} where any process of this run lives on, its descendants included */
  async checkNone(): Promise<void> {
    await until("no process of this run lives", () => this.living().length === 0, GONE_MS);
  }

  #count(pid: number): void {
    if (!Number.isInteger(pid) || pid <= 1) throw new Error(`A process told "${pid}" as its pid`);
    this.#entered++;
  }
}
