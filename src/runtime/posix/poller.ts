/** Waits for descriptors. */
import { setImmediate } from "node:timers";
import { throwUnawaited } from "../../throw_unawaited.ts";
import { POLLERR, POLLHUP, POLLNVAL } from "./platform.ts";

/** Bits that are reported whether they were asked for or not. */
export const unaskedEvents = POLLERR | POLLHUP | POLLNVAL;

/** One descriptor and what is wanted of it. */
export interface Watch {
  /** Asks for events, in addition to those asked for already. */
  want(events: number): void;
  /** Takes a wish back. A descriptor of which nothing is wanted is not looked at, not even for a hang-up. */
  unwant(events: number): void;
  /** Says that what was read is little: what comes right behind is to be read before more can come behind that. */
  hurry(): void;
  /** Ends the watch and closes the descriptor. */
  close(): void;
}

/**
 * Waits for any number of descriptors, on another thread, and only while something is wanted: an idle poller keeps no
 * thread and does not keep the program running.
 */
export interface Poller {
  /** Watches a descriptor, which is the poller's to close from now on. `onReady` gets the bits of `poll`. */
  watch(descriptor: number, onReady: (events: number) => void): Watch;
  /** Reports at once what is ready by now. */
  look(): void;
}

/** Reports events. One that fails is an error of its own, and no reason to let down the others. */
export function tell(watched: { readonly onReady: (events: number) => void }, events: number): void {
  try {
    watched.onReady(events);
  } catch (error) {
    throwUnawaited(error);
  }
}

/** A turn of the event loop: those who were served ask again, everybody else gets their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
