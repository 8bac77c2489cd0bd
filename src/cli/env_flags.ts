import process from "node:process";
import { readText } from "./read_token.ts";
import { UsageError } from "./usage_error.ts";

const group = "How to run";

/** Flags for the variables of a command. */
export const envFlags = {
  "env": { value: "K=V", group, repeat: true, short: "e", help: "Set a variable for the command" },
  "env-file": {
    value: "FILE",
    group,
    complete: "files",
    help: "Set the variables of a file: K=V on each line; empty ones and those with # in front count nothing",
  },
} as const;

interface EnvFlags {
  readonly env: readonly string[];
  readonly "env-file": string | undefined;
  readonly tty: boolean;
}

/**
 * The variables that the flags set.
 *
 * @throws {UsageError} for a file that cannot be read, and for what means nothing
 */
export function parseEnv({ env, "env-file": file, tty }: EnvFlags): Record<string, string> {
  return { ...terminalVariables(tty), ...envFile(file), ...assigned(env) };
}

/** What a program on a terminal must know of the one it is shown on. */
function terminalVariables(tty: boolean): Record<string, string> {
  const { TERM = "xterm-256color", COLORTERM } = process.env;
  return tty ? { TERM, ...(COLORTERM === undefined ? {} : { COLORTERM }) } : {};
}

function envFile(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const lines = readText("env-file", file).split(/\r?\n/).entries();
  return Object.fromEntries(
    [...lines].filter(([, line]) => /^\s*[^\s#]/.test(line)).map(([index, line]) => {
      const equals = line.indexOf("=");
      if (equals >= 1) return [line.slice(0, equals).trim(), line.slice(equals + 1)];
      throw new UsageError(`--env-file: line ${index + 1} of "${file}" is not K=V`);
    }),
  );
}

function assigned(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(assignments.map((assignment) => {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw new UsageError(`--env takes K=V, not "${assignment}"`);
    return [assignment.slice(0, equals), assignment.slice(equals + 1)];
  }));
}
