import { LOG_VALUE_CHARS } from "../limits.ts";

/** How much is logged, from least to most. */
export const logLevels = ["off", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** How a line is written. */
export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Ids and numbers of an event. Never arguments, environment, output or tokens. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What is told of an error that is a fault of this program: what happened and where. */
export function unexpected(error: unknown): LogFields {
  // The stack begins with the message, which may be longer than a value in the log.
  const stack = error instanceof Error ? error.stack?.replace(/^.*?\n\s*at /s, "at ") : undefined;
  return { reason: String(error), stack };
}

/** What and how to log. */
export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where a finished line goes. */
  readonly write: (line: string) => void;
}

/** Writes one line per event. */
export class Logger {
  readonly #options: LoggerOptions;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  error(event: string, fields: LogFields = {}): void {
    this.#log("error", event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#log("warn", event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#log("info", event, fields);
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#log("debug", event, fields);
  }

  #log(level: Exclude<LogLevel, "off">, event: string, fields: LogFields): void {
    const { level: most, format, write } = this.#options;
    if (logLevels.indexOf(level) > logLevels.indexOf(most)) return;
    const time = new Date().toISOString();
    const clipped = Object.entries(fields).filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, clip(value)] as const);
    if (format === "json") {
      return write(
        asciiControls(JSON.stringify({ time, level, event, ...Object.fromEntries(clipped) })) + "\n",
      );
    }
    const rest = clipped
      .map(([name, value]) => ` ${name}=${typeof value === "string" ? quoted(value) : value}`);
    write(`${time} ${level.toUpperCase().padEnd(5)} ${event}${rest.join("")}\n`);
  }
}

function clip(value: LogFields[string]): LogFields[string] {
  const long = typeof value === "string" && value.length > LOG_VALUE_CHARS;
  return long ? `${value.slice(0, LOG_VALUE_CHARS)}...` : value;
}

/** A client names its processes: what it makes up must not forge lines or drive a terminal. */
function quoted(text: string): string {
  return /^[\w.:/@\-\[\]]+$/.test(text) ? text : asciiControls(JSON.stringify(text));
}

/** What JSON leaves as it is and a terminal or a reader of lines does not: DEL, C1, other line ends, and turned text. */
function asciiControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
