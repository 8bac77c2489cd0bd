import type { Command } from "./run_options.ts";

/** What became of a command. */
export interface CommandResult {
  /** What it wrote to its standard output, as text. */
  readonly stdout: string;
  /** What it wrote to its standard error, as text. */
  readonly stderr: string;
  /** 0 to 255, or 128 + N for death by signal N. */
  readonly exitCode: number;
  /** The signal that ended it, such as `SIGKILL`; null where none did, or its server does not tell. */
  readonly signal: string | null;
  /** Whether it was killed because its time was up. */
  readonly timedOut: boolean;
  /** Whether some of its output is missing here, because it was more than is kept. */
  readonly truncated: boolean;
}

/** A command did not end with the status 0, and its caller asked to be told so by an error. */
export class CommandError extends Error implements CommandResult {
  override readonly name = "CommandError";
  /** `ETIMEDOUT` where its time was up; `EEXIT` for a status or a signal. */
  readonly code: "ETIMEDOUT" | "EEXIT";
  readonly command: Command;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly truncated: boolean;

  constructor(command: Command, result: CommandResult) {
    super(describe(command, result));
    this.command = command;
    this.code = result.timedOut ? "ETIMEDOUT" : "EEXIT";
    this.stdout = result.stdout;
    this.stderr = result.stderr;
    this.exitCode = result.exitCode;
    this.signal = result.signal;
    this.timedOut = result.timedOut;
    this.truncated = result.truncated;
  }
}

function describe(command: Command, { timedOut, signal, exitCode, stderr }: CommandResult): string {
  const text = typeof command === "string" ? command : JSON.stringify(command);
  const how = timedOut ? "ran out of time" : signal === null ? `ended with ${exitCode}` : `died of ${signal}`;
  const last = stderr.trimEnd().slice(-QUOTED_CHARS);
  return `The command ${how}: ${text.slice(0, QUOTED_CHARS)}${last === "" ? "" : `\n${last}`}`;
}

/** Characters of a command, and of its standard error, that an error's text holds: what fits a screen. */
const QUOTED_CHARS = 1_000;
