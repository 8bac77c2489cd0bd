import type { ParamsSent, ResultOf } from "../protocol/methods.ts";

/** What a person in front of a process's terminal would see, and after which event. */
export type ProcessScreen = ResultOf<"process/screen">;

/** How a screen is told. */
export interface ScreenOptions {
  /** As plain lines, as text with escape codes, or as cells with their colours; `text` by default. */
  readonly format?: ParamsSent<"process/screen">["format"];
  /** Lines above the screen to tell too; 0 by default. */
  readonly scrollback?: number;
}
