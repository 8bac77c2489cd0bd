import type { Command, FlagDefinitions, FlagValues, ParsedArguments } from "./command.ts";
import { parseArgs } from "../std/cli/parse_args.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

/** What other programs call their flags. */
const otherNames: Readonly<Record<string, string>> = {
  port: "listen",
  p: "listen",
  host: "listen",
  bind: "listen",
  address: "listen",
  token: "token-file",
  w: "cwd",
  workdir: "cwd",
  C: "cwd",
  chdir: "cwd",
  pty: "tty",
  server: "url",
  H: "url",
};

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
  const parts = splitSections(command.flags, spelled);
  const whole = parts.length === 1 ? spelled : spelled.filter((flag) => !isPerSection(command.flags, flag));
  const flags = flagValues(command.flags, whole);
  const sections = parts.map((part) => flagValues(command.flags, part));
  const rest = args.slice(args[end] === "--" ? end + 1 : end);
  if (rest.length > 0 && command.operands === undefined) {
    throw new UsageError(`"${command.name}" takes no argument "${rest[0]}"`);
  }
  return { flags, sections, rest };
}

/** The flags of each section: those before the first one's beginning, and those from its own on. */
function splitSections(flags: FlagDefinitions, spelled: readonly string[]): string[][] {
  const beginnings = spelled.flatMap((flag, at) => flags[nameOf(flag)]!.beginsSection ? [at] : []);
  if (beginnings.length < 2) return [[...spelled]];
  return beginnings.map((from, i) => [
    ...spelled.slice(0, beginnings[0]),
    ...spelled.slice(from, beginnings[i + 1]),
  ]);
}

function isPerSection(flags: FlagDefinitions, spelled: string): boolean {
  return flags[nameOf(spelled)]!.perSection === true;
}

/** The name of a flag that is spelled out. */
function nameOf(spelled: string): string {
  return spelled.slice(2).split("=", 1)[0]!;
}

function flagValues<Flags extends FlagDefinitions>(
  flags: Flags,
  spelled: readonly string[],
): FlagValues<Flags> {
  const names = Object.keys(flags);
  const valued = names.filter((name) => flags[name]!.value !== undefined);
  const boolean = names.filter((name) => flags[name]!.value === undefined);
  const parsed = parseArgs([...spelled], { string: valued, boolean, collect: valued });
  const values: Record<string, unknown> = {};
  for (const name of boolean) values[name] = parsed[name];
  for (const name of valued) values[name] = flagValue(flags, name, parsed[name] as string[]);
  return values as FlagValues<Flags>;
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
    for (const [name, attached] of readFlag(command, arg)) {
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
  }
  return { spelled, end: args.length };
}

/** The flags of one argument: one, or several letters behind one dash, of which the last may have a value. */
function readFlag(command: Pick<Command, "name" | "flags">, arg: string): [name: string, value?: string][] {
  const [flag, attached] = splitFlag(arg);
  const value: [string?] = attached === undefined ? [] : [attached];
  if (!/^-[^-]./.test(flag)) return [[findFlag(command, flag), ...value] as [string, string?]];
  // A name with one dash is a slip, not the letters that it begins with.
  if (Object.hasOwn(command.flags, flag.slice(1))) throw unknownFlag(command, flag);
  const names: [string, string?][] = [];
  for (let at = 1; at < flag.length; at++) {
    const name = shortFlag(command, flag[at]!);
    if (name === undefined) throw unknownFlag(command, names.length === 0 ? flag : `-${flag[at]}`);
    if (command.flags[name]!.value !== undefined && at + 1 < flag.length) {
      return [...names, [name, arg.slice(at + 1)]];
    }
    names.push(at + 1 === flag.length ? [name, ...value] as [string, string?] : [name]);
  }
  return names;
}

function shortFlag({ flags }: Pick<Command, "flags">, letter: string): string | undefined {
  return Object.keys(flags).find((name) => flags[name]!.short === letter);
}

function splitFlag(arg: string): [flag: string, value?: string] {
  const equals = arg.indexOf("=");
  return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function findFlag(command: Pick<Command, "name" | "flags">, spelled: string): string {
  const name = spelled.startsWith("--") ? spelled.slice(2) : shortFlag(command, spelled.slice(1));
  if (name !== undefined && Object.hasOwn(command.flags, name)) return name;
  throw unknownFlag(command, spelled);
}

function unknownFlag({ name: command, flags }: Pick<Command, "name" | "flags">, spelled: string): UsageError {
  const name = spelled.replace(/^-+/, "");
  const other = [otherNames[name]].find((flag) => flag !== undefined && Object.hasOwn(flags, flag));
  const near = other ?? (/^-.$/.test(spelled) ? undefined : nearest(name, Object.keys(flags)));
  const hint = near === undefined ? "" : `; did you mean "--${near}"?`;
  return new UsageError(
    `Unknown flag "${spelled}" for "${command}"${hint || `; exec-server ${command} --help lists them`}`,
  );
}
