import { parseArgs } from "node:util";
import { closestString } from "../std/text/closest_string.ts";
import type { Command, FlagDefinitions, FlagValues, ParsedArguments } from "./command.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Takes a command's arguments apart. Flags end at `--` or at the first argument that is none.
 *
 * @throws {UsageError} for an unknown flag, a missing or surplus value, a repeated flag, or an operand that is not
 * taken
 */
export function parseCommandLine<Flags extends FlagDefinitions>(
  command: Pick<Command<Flags>, "name" | "flags" | "operands">,
  args: readonly string[],
): ParsedArguments<Flags> {
  const { spelled, end } = readFlags(command, args);
  const options = Object.fromEntries(
    Object.entries(command.flags).map((
      [name, { value }],
    ) => [
      name,
      value === undefined ? { type: "boolean" } as const : { type: "string", multiple: true } as const,
    ]),
  );
  const { values } = parseArgs({ args: spelled, options });
  const flags: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(options)) {
    const value = values[name];
    flags[name] = type === "boolean"
      ? value ?? false
      : flagValue(command.flags, name, (value ?? []) as string[]);
  }
  const rest = args.slice(args[end] === "--" ? end + 1 : end);
  if (rest.length > 0 && command.operands === undefined) {
    throw new UsageError(`"${command.name}" takes no argument "${rest[0]}"`);
  }
  return { flags: flags as FlagValues<Flags>, rest };
}

function flagValue(flags: FlagDefinitions, name: string, values: string[]): unknown {
  if (flags[name]!.repeat) return values;
  if (values.length > 1) throw new UsageError(`Flag "--${name}" is given more than once`);
  return values[0];
}

/**
 * Looks at every flag and spells it `--name` or `--name=value`, which leaves nothing to guess: a value may be empty, start
 * with a dash or look like a flag.
 *
 * @returns the flags, and the index of the first argument that is no flag or value of one
 */
function readFlags(
  command: Pick<Command, "name" | "flags">,
  args: readonly string[],
): { spelled: string[]; end: number } {
  const spelled: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--" || arg === "-" || !arg.startsWith("-")) return { spelled, end: i };
    const [flag, attached] = splitFlag(arg);
    const name = findFlag(command, flag);
    const takes = command.flags[name]!.value;
    if (takes === undefined) {
      if (attached !== undefined) throw new UsageError(`Flag "--${name}" takes no value`);
      spelled.push(`--${name}`);
      continue;
    }
    const value = attached ?? args[++i];
    if (value === undefined || (attached === undefined && /^-./.test(value))) {
      throw new UsageError(`Flag "--${name}" needs a value: --${name} ${takes}`);
    }
    spelled.push(`--${name}=${value}`);
  }
  return { spelled, end: args.length };
}

function splitFlag(arg: string): [flag: string, value?: string] {
  const equals = arg.indexOf("=");
  return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function findFlag({ name: command, flags }: Pick<Command, "name" | "flags">, spelled: string): string {
  const name = spelled.startsWith("--")
    ? spelled.slice(2)
    : Object.keys(flags).find((name) => flags[name]!.short === spelled.slice(1));
  if (name !== undefined && Object.hasOwn(flags, name)) return name;
  const nearest = closestString(spelled.replace(/^-+/, ""), Object.keys(flags));
  throw new UsageError(
    `Unknown flag "${spelled}" for "${command}"; the nearest is "--${nearest}", and --help lists all`,
  );
}
