import type { CallList } from "../../runner/call_list.ts";

/**
 * The descriptors that a list of calls opens. Each gets the lowest free number, so that it is known before it is made: the
 * calls behind it can name it.
 */
export class OpenDescriptors {
  readonly list: CallList;
  readonly #first: number;
  readonly #end: number;
  #next: number;

  /**
   * @param first the lowest number that is free
   * @param end the first one above it that is not, or that nobody ever has
   */
  constructor(list: CallList, first: number, end: number = NO_OTHERS) {
    this.list = list;
    this.#first = first;
    this.#end = end;
    this.#next = first;
  }

  /** The number of the descriptor that the call added next opens. */
  next(): number {
    return this.#next++;
  }

  /** Closes all. */
  closeAll(): void {
    this.list.call("close_range", this.#first, this.#end - 1, 0);
    this.#next = this.#first;
  }

  /** The same list's, of which those stay open that are now. */
  keepingThese(): OpenDescriptors {
    return new OpenDescriptors(this.list, this.#next, this.#end);
  }
}

/** Behind the last number of a descriptor. */
const NO_OTHERS = 0x1_0000_0000;
