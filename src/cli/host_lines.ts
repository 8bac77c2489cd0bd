import type { OutputStream } from "../protocol/schemas/process.ts";
import { writeOutput } from "./local_output.ts";
import { PrefixedLines } from "./prefixed_lines.ts";
import type { WriteStandard } from "./program_host.ts";
import { visibleText } from "./visible_text.ts";

/** How the lines of a host go out. */
export interface HostLinesOptions {
  /** What stands in front of each. */
  readonly prefix: string;
  readonly write: WriteStandard;
  /** Told when they cannot be written, and with them those of no other host. */
  readonly onBroken: (error: Error) => void;
}

/** What comes from one of several hosts, in whole lines behind its name. */
export class HostLines {
  readonly #options: HostLinesOptions;
  readonly #streams: { readonly stdout: PrefixedLines; readonly stderr: PrefixedLines };

  constructor(options: HostLinesOptions) {
    this.#options = options;
    const { prefix } = options;
    this.#streams = { stdout: new PrefixedLines(prefix), stderr: new PrefixedLines(prefix) };
  }

  /** Takes what its command prints. Resolves when that is written, as far as its lines are whole. */
  async output(stream: OutputStream, bytes: Uint8Array): Promise<void> {
    const name = stream === "stderr" ? "stderr" : "stdout";
    await this.write(name, this.#streams[name].add(bytes));
  }

  /** Writes what is left of lines without an end. */
  async end(): Promise<void> {
    for (const name of ["stdout", "stderr"] as const) await this.write(name, this.#streams[name].end());
  }

  /** Writes whole lines as they are. @throws {Error} when they cannot be written */
  async write(name: "stdout" | "stderr", lines: Uint8Array): Promise<void> {
    if (lines.length === 0) return;
    try {
      await writeOutput(this.#options.write, name, lines);
    } catch (error) {
      this.#options.onBroken(error as Error);
      throw error;
    }
  }

  /** Tells something of this program's own about the host. */
  warn(text: string): void {
    const { prefix, write } = this.#options;
    write("stderr", new TextEncoder().encode(`${prefix}exec-server: ${visibleText(text)}\n`)).catch(() => {});
  }
}
