import type { ManagedProcess } from "./managed_process.ts";
import { unref } from "../unref.ts";

/** The closed processes of a session, the one that closed first in front. Each stays known for a while. */
export class ClosedProcesses {
  readonly #forget: (process: ManagedProcess) => void;
  readonly #keepMs: number;
  readonly #timers = new Map<ManagedProcess, ReturnType<typeof setTimeout>>();

  /**
   * @param forget nobody can ask for this process any more
   * @param keepMs milliseconds for which each stays known
   */
  constructor(forget: (process: ManagedProcess) => void, keepMs: number) {
    this.#forget = forget;
    this.#keepMs = keepMs;
  }

  /** How many they are. */
  get size(): number {
    return this.#timers.size;
  }

  /** One more has closed. */
  add(process: ManagedProcess): void {
    const timer = setTimeout(() => this.#end(process), this.#keepMs);
    unref(timer);
    this.#timers.set(process, timer);
  }

  /** It is somebody else's from now on. */
  delete(process: ManagedProcess): void {
    clearTimeout(this.#timers.get(process));
    this.#timers.delete(process);
  }

  /** Forgets the first one of whose end everybody knows who is to be told; false where there is none. */
  forgetOne(): boolean {
    for (const process of this.#timers.keys()) {
      if (process.log.isHeld) continue;
      this.#end(process);
      return true;
    }
    return false;
  }

  /** None is known any more. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #end(process: ManagedProcess): void {
    this.delete(process);
    this.#forget(process);
  }
}
