import { checkKinds, type OptionKinds } from "../../client/known_options.ts";
import type { SandboxRequest } from "../sandbox_request.ts";
import { checkArgv } from "../start_request.ts";

/** A command: a text for the machine's shell, or a program and its arguments, which no shell sees. */
export type Command = string | readonly string[];

/** What a command reads as its standard input. */
export type CommandInput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** How a command is run. */
export interface RunOptions {
  /** Where it starts: an absolute path of its machine, or a `file:` URI; the machine's own directory by default. */
  readonly cwd?: string | undefined;
  /** Variables, laid over the core of the machine's own (`HOME`, `PATH`, ...). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it reads; by default its input is empty. */
  readonly input?: CommandInput | undefined;
  /** Milliseconds until it is killed, with everything it started; no limit by default. */
  readonly timeoutMs?: number | undefined;
  /** Kills it, with everything it started; then the wait for it fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The user to run as, where the machine's own may: root by `su`, others by `sudo`, which must ask for no password. What
   * runs as another user can be killed only by whom the machine lets.
   */
  readonly user?: string | undefined;
  /** Bytes that are kept of each stream; the rest is read and dropped. 64 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** Fail with a `CommandError` where it does not end with the status 0; false by default. */
  readonly throwOnError?: boolean | undefined;
  /** Told what it writes, as it comes, as text. While a promise that it returns is pending, the command waits. */
  readonly onStdout?: ((text: string) => unknown) | undefined;
  /** The same for its standard error. */
  readonly onStderr?: ((text: string) => unknown) | undefined;
  /** What it is confined to; nothing by default. It runs so, or not at all. */
  readonly sandbox?: SandboxRequest | undefined;
}

const kinds: OptionKinds<RunOptions> = {
  cwd: "string",
  env: "object",
  input: "any",
  timeoutMs: "milliseconds",
  signal: "object",
  user: "string",
  maxBytes: "count",
  throwOnError: "boolean",
  onStdout: "function",
  onStderr: "function",
  sandbox: "object",
};

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} with the name of what is wrong
 */
export function checkRun(command: Command, options: RunOptions): void {
  if (typeof command !== "string" && !Array.isArray(command)) {
    throw new TypeError(
      'run takes the command first: a text for the shell, such as "ls -la", or an array, such as ["ls", "-la"]',
    );
  }
  if (typeof command !== "string") checkArgv(command);
  if (command.length === 0) throw new TypeError("run takes a command, which must not be empty");
  checkKinds("run", options, kinds);
  const { input, user } = options;
  const hasInput = input === undefined || typeof input === "string" || input instanceof Uint8Array ||
    typeof (input as AsyncIterable<Uint8Array>)?.[Symbol.asyncIterator] === "function";
  if (!hasInput) throw new TypeError("run takes its option input as text, as bytes, or as an async iterable");
  if (user !== undefined && !/^[^-\s:/][^\s:/]*$/.test(user)) {
    throw new TypeError(`run takes its option user as the name of a user, not ${JSON.stringify(user)}`);
  }
}
