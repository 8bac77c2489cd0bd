import { TERMINAL_MODES_BYTES, TERMINAL_MODES_BYTES_PER_SECOND } from "../limits.ts";
import type { OutputEvent } from "../log/process_event.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import { TerminalModes } from "./terminal_modes.ts";

/** What is known of a terminal's output that has left its log. To look at it takes only so much of a flood's time. */
export class EvictedOutput {
  #modes: TerminalModes | undefined;
  #budget = TERMINAL_MODES_BYTES;
  #budgetedAt = 0;

  /** What it has set; undefined while there is none. */
  get modes(): TerminalModes | undefined {
    return this.#modes;
  }

  /** Output has left the log. */
  take({ offset, stream, bytes }: OutputEvent): void {
    this.#modes ??= new TerminalModes(offset - bytes.length);
    if (isDescriptorStream(stream)) return this.#modes.pass(bytes);
    const now = performance.now();
    const grown = (now - this.#budgetedAt) / 1_000 * TERMINAL_MODES_BYTES_PER_SECOND;
    this.#budget = Math.min(this.#budget + grown, TERMINAL_MODES_BYTES);
    this.#budgetedAt = now;
    if (this.#budget < bytes.length) return this.#modes.skip(bytes);
    this.#budget -= bytes.length;
    this.#modes.read(bytes);
  }
}
