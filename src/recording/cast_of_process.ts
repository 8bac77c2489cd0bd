import type { OutputLog } from "../log/output_log.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";

/** What recordings say of processes. */

/** The size of what is shown: behind pipes there is none, and players need one. */
export function castSize(size: TerminalSize | undefined): TerminalSize {
  return size ?? { rows: 24, cols: 80 };
}

/** The kind of a terminal; undefined behind pipes, by which a reader tells both apart. */
export function castTerm(tty: boolean): string | undefined {
  return tty ? "xterm-256color" : undefined;
}

/** What is said where output is missing from one event up to another; undefined where none is. */
export function gapText({ exited }: Pick<OutputLog, "exited">, from: number, to: number): string | undefined {
  // The exit is an event without output.
  if (from > to || (from === to && exited?.seq === from)) return undefined;
  return `gap: events ${from} to ${to}`;
}
