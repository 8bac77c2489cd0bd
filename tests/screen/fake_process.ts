import { OutputLog } from "../../src/log/output_log.ts";
import { TerminalSizes } from "../../src/process/terminal_sizes.ts";
import type { TerminalSize } from "../../src/protocol/schemas/process.ts";
import type { ScreenResult } from "../../src/protocol/schemas/screen.ts";
import { Screen } from "../../src/screen/screen.ts";
import { Turns } from "../../src/screen/turns.ts";

/** A log and the sizes of a terminal, without a process behind them, and a screen of both. */
export class FakeProcess {
  readonly log = new OutputLog();
  readonly sizes: TerminalSizes;
  readonly turns = new Turns();
  readonly screen: Screen;

  constructor(size: TerminalSize = { rows: 24, cols: 80 }) {
    this.sizes = new TerminalSizes(this.log, size);
    this.screen = new Screen(this);
  }

  /** The process writes. */
  write(output: string | Uint8Array): this {
    this.log.appendOutput("pty", typeof output === "string" ? new TextEncoder().encode(output) : output);
    return this;
  }

  /** The screen as lines. */
  async text(scrollback = 0): Promise<Extract<ScreenResult, { format: "text" }>> {
    return await this.screen.look({ format: "text", scrollback }) as Extract<
      ScreenResult,
      { format: "text" }
    >;
  }

  /** The screen as cells. */
  async cells(scrollback = 0): Promise<Extract<ScreenResult, { format: "cells" }>> {
    return await this.screen.look({ format: "cells", scrollback }) as Extract<
      ScreenResult,
      { format: "cells" }
    >;
  }

  /** The screen as text with escape codes. */
  async ansi(scrollback = 0): Promise<Extract<ScreenResult, { format: "ansi" }>> {
    return await this.screen.look({ format: "ansi", scrollback }) as Extract<
      ScreenResult,
      { format: "ansi" }
    >;
  }
}
