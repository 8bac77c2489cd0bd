/** The part of `@std/cli/parse-args` that this program calls. Source: the standard library's documentation. */

/** What to look for in the arguments. */
export interface ParseOptions {
  /** Collect everything after `--` under the `"--"` member. */
  "--"?: boolean;
  /** Short name to long name, or the reverse. */
  alias?: Record<string, string | readonly string[]>;
  /** Names that take no value. */
  boolean?: readonly string[];
  /** Names whose values stay text. */
  string?: readonly string[];
  /** Names that may be given more than once. */
  collect?: readonly string[];
  /** Names of boolean flags that `--no-NAME` turns off. */
  negatable?: readonly string[];
  /** Values for names that were not given. */
  default?: Record<string, unknown>;
  /** Stop at the first argument that is not a flag. */
  stopEarly?: boolean;
  /** Called with every argument that no other option names; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The arguments by name, with those that are not flags under `_`. */
export interface Args {
  [name: string]: unknown;
  _: (string | number)[];
  "--"?: string[];
}

/** Takes a command line apart. */
export function parseArgs(args: string[], options?: ParseOptions): Args;
