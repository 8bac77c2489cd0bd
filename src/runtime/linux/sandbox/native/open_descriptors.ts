import type { CallList } from "../../runner/call_list.ts";
import { firstOther } from "../last_steps.ts";

/**
 * The descriptors that a list of calls opens. Each gets the lowest free number, so that it is known before it is made: the
 * calls behind it can name it.
 */
export class OpenDescriptors {
  readonly list: CallList;
  readonly #kept: number;
  readonly #end: number;
  #next: number;

  /** @param end the first number that another has, or that nobody ever has */
  constructor(list: CallList, end: number = NO_OTHERS, kept = firstOther) {
    this.list = list;
    this.#kept = kept;
    this.#end = end;
    this.#next = kept;
  }

  /** The number of the descriptor that the call added next opens. */
  next(): number {
    return this.#next++;
  }

  /** Closes all. */
  closeAll(): void {
    this.list.call("close_range", this.#kept, this.#end - 1, 0);
    this.#next = this.#kept;
  }

  /** The same list's, of which those stay open that are now. */
  keepingThese(): OpenDescriptors {
    return new OpenDescriptors(this.list, this.#end, this.#next);
  }
}

/** Behind the last number of a descriptor. */
const NO_OTHERS = 0x1_0000_0000;
