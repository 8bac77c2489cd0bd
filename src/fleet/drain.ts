import * as v from "valibot";
import { FLEET_DRAIN_LOOK_MS, TIMER_MS } from "../limits.ts";
import { unref } from "../unref.ts";
import { read } from "./opening.ts";

const requestSchema = v.object({
  /** Milliseconds after which it ends all the same; without, it waits for its processes. */
  deadlineMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(TIMER_MS))),
  undo: v.optional(v.boolean()),
});

/** Asks a host to drain, or to stop doing so. */
export type DrainRequest = v.InferOutput<typeof requestSchema>;

/** @returns undefined for what is no such request */
export function readDrainRequest(bytes: Uint8Array): DrainRequest | undefined {
  return read(requestSchema, bytes);
}

/** What a drain needs of its host. */
export interface DrainOptions {
  /** Whether no process runs. */
  readonly isIdle: () => boolean;
  readonly onChange: () => void;
  /** Called once nothing runs any more, or the deadline has come. */
  readonly onDrained: () => void;
}

/** A host takes nobody new, and ends when its processes have ended. */
export class Drain implements Disposable {
  readonly #options: DrainOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #deadline: number | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get active(): boolean {
    return this.#timer !== undefined;
  }

  begin(deadlineMs: number | undefined): void {
    clearInterval(this.#timer);
    this.#deadline = deadlineMs === undefined ? undefined : performance.now() + deadlineMs;
    this.#timer = setInterval(() => this.#look(), FLEET_DRAIN_LOOK_MS);
    unref(this.#timer);
    this.#options.onChange();
  }

  undo(): void {
    if (!this.active) return;
    this[Symbol.dispose]();
    this.#options.onChange();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const late = this.#deadline !== undefined && performance.now() >= this.#deadline;
    if (!late && !this.#options.isIdle()) return;
    clearInterval(this.#timer); // It stays active: nobody new is taken on the way out.
    this.#options.onDrained();
  }
}
