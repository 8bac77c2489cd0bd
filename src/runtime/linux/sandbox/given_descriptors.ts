/**
 * What the runner does so that the program has more descriptors than 0, 1 and 2. Until the program is all that is left to
 * be run, they lie side by side behind the runner's list, where nothing is opened and whoever waits for the program closes
 * them. Then they are put where the program has them, wherever the runner's own are.
 */
import { LAST_DESCRIPTOR } from "../../../protocol/descriptor_streams.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import type { CallList } from "../runner/call_list.ts";
import { listDescriptor } from "../runner/layout.ts";

const O_CLOEXEC = 0o200_0000;
/** Where nothing of the program's is. */
const aside = LAST_DESCRIPTOR + 1;

/** The descriptors of a start that the program is given, and the runner's own among them. */
export class GivenDescriptors {
  readonly #given: readonly PassedDescriptor[];

  /** @param given what the program has, by its numbers there */
  constructor(given: readonly PassedDescriptor[] = []) {
    this.#given = given;
  }

  /** Where failures are reported to. */
  get report(): number {
    return listDescriptor + 1 + this.#given.length;
  }

  /** The first that is neither the program's nor the runner's: what is opened from there on has known numbers. */
  get firstOther(): number {
    return this.report + 1;
  }

  /** What the runner gets. */
  get passed(): PassedDescriptor[] {
    return this.#given.map(({ source }, index) => ({ source, number: this.#waitsAt(index) }));
  }

  /** Puts them where the program has them. Nothing else is open any more. @returns where failures are reported to now */
  place(list: CallList): number {
    if (this.#given.length === 0) return this.report;
    list.to("give the program its descriptors").call("dup3", this.report, aside, O_CLOEXEC).reportTo(aside);
    this.#given.forEach((_, index) =>
      list.call("dup3", this.#waitsAt(index), this.#goesBy(index), O_CLOEXEC)
    );
    this.#given.forEach(({ number }, index) => list.call("dup3", this.#goesBy(index), number, 0));
    // What else there is closes when the program runs.
    for (let waiting = listDescriptor; waiting < this.firstOther; waiting++) {
      if (!this.#given.some(({ number }) => number === waiting)) list.call("close", waiting);
    }
    return aside;
  }

  #waitsAt(index: number): number {
    return listDescriptor + 1 + index;
  }

  /** None of their numbers is free for certain before all have left the ones where they wait. */
  #goesBy(index: number): number {
    return aside + 1 + index;
  }
}
