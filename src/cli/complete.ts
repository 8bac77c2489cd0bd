import { codexHost } from "../codex/codex_host.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import type { Command, Completion, FlagDefinition } from "./command.ts";
import { helpFlag } from "./help.ts";
import type { ProgramHost } from "./program_host.ts";
import { UsageError } from "./usage_error.ts";

/** What may stand where the cursor is. */
interface Candidates {
  readonly words: readonly (readonly [word: string, about: string])[];
  /** What the shell itself adds: files, directories, or what it knows of the command line that begins at this word. */
  readonly shell?: "files" | "directories" | { readonly commandLineFrom: number };
}

const nothing: Candidates = { words: [] };

/**
 * Answers a completion script of a shell: what may stand where the cursor is, a word with a tab and an explanation in each
 * line, and in a last line with a colon what the shell adds.
 *
 * @param args the shell, `--`, and the words behind `exec-server` up to and with the one to complete, which may be empty
 * @throws {UsageError} for anything else
 */
export async function complete(
  commands: readonly Command[],
  args: readonly string[],
  host: ProgramHost,
): Promise<string> {
  const [shell, dashes, ...given] = args;
  if (dashes !== "--" || given.length === 0) {
    throw new UsageError('"complete" is for the scripts that exec-server completions prints');
  }
  const words = shell === "bash" ? joinAtEquals(given) : given;
  const { words: found, shell: more } = await candidates(commands, words, host);
  // bash takes what follows an equals sign for a word of its own.
  const cut = shell === "bash" ? /^--[^=]*=/.exec(words.at(-1)!)?.[0].length ?? 0 : 0;
  const lines = found.filter(([word]) => word.startsWith(words.at(-1)!))
    .map(([word, about]) => `${word.slice(cut)}\t${about}`);
  if (typeof more === "string") lines.push(`:${more}`);
  else if (more) lines.push(`:command ${more.commandLineFrom + given.length - words.length}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** `--flag`, `=` and `value` as one word, as the other shells have it. */
function joinAtEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const last = joined.at(-1);
    const isEquals = words[i] === "=" && last?.startsWith("--") && !joined.includes("--");
    if (isEquals) joined[joined.length - 1] = `${last}=${words[++i] ?? ""}`;
    else joined.push(words[i]!);
  }
  return joined;
}

async function candidates(
  commands: readonly Command[],
  words: readonly string[],
  host: ProgramHost,
): Promise<Candidates> {
  const names = commands.map(({ name, summary }) => [name, summary] as const);
  const [name, ...rest] = words;
  if (rest.length === 0) {
    const flags = [["--help", "Print the help"], ["--version", "Print the version"]] as const;
    return { words: name!.startsWith("-") ? flags : names };
  }
  const command = commands.find((command) => command.name === name);
  return command ? await ofCommand(command, rest, { names, host }) : nothing;
}

/** What is known outside of a command. */
interface Known {
  /** The commands and what they do. */
  readonly names: Candidates["words"];
  /** The user's machines are in files of this one. */
  readonly host: ProgramHost;
}

async function ofCommand(command: Command, words: readonly string[], known: Known): Promise<Candidates> {
  const flags: Record<string, FlagDefinition> = { ...command.flags, ...helpFlag };
  const current = words.at(-1)!;
  const given = new Map<string, string | undefined>();
  for (let i = 0; i < words.length - 1; i++) {
    const word = words[i]!;
    if (word === "--" || !/^-./.test(word)) {
      return operands(command, words, word === "--" ? i + 1 : i, { ...known, given });
    }
    for (const name of flagsIn(flags, word)) {
      given.set(name, /=(.*)/s.exec(word)?.[1]);
      if (flags[name]!.value === undefined || word.includes("=") || isAttached(flags, word)) continue;
      if (++i === words.length - 1) return await values(flags[name]!.complete, { ...known, given });
      given.set(name, words[i]);
    }
  }
  const attached = /^--([^=]+)=/.exec(current);
  if (attached) {
    const found = await values(flags[attached[1]!]?.complete, { ...known, given });
    return { ...found, words: found.words.map(([word, about]) => [attached[0] + word, about] as const) };
  }
  if (current.startsWith("-")) return { words: spellings(flags, given, current) };
  return operands(command, words, words.length - 1, { ...known, given });
}

function flagsIn(flags: Readonly<Record<string, FlagDefinition>>, word: string): string[] {
  if (word.startsWith("--")) {
    return [word.slice(2).replace(/=.*/s, "")].filter((name) => Object.hasOwn(flags, name));
  }
  return [...word.slice(1)].flatMap((letter) =>
    Object.keys(flags).filter((name) => flags[name]!.short === letter).slice(0, 1)
  );
}

/** Whether a letter's value follows it in the same word. */
function isAttached(flags: Readonly<Record<string, FlagDefinition>>, word: string): boolean {
  if (word.startsWith("--")) return false;
  const last = Object.values(flags).find(({ short }) => short === word.at(-1));
  return last?.value === undefined;
}

function spellings(
  flags: Readonly<Record<string, FlagDefinition>>,
  given: ReadonlyMap<string, unknown>,
  current: string,
): [word: string, about: string][] {
  const open = Object.entries(flags).filter(([name, { repeat }]) => repeat || !given.has(name));
  const long = open.map(([name, { help }]): [string, string] => [`--${name}`, help]);
  const short = open.filter(([, { short }]) => short)
    .map(([, { short, help }]): [string, string] => [`-${short}`, help]);
  return current.startsWith("--") ? long : [...long, ...short];
}

/** The same, and what stands before the word to complete. */
interface KnownInCommand extends Known {
  /** The flags, with their values. */
  readonly given: ReadonlyMap<string, string | undefined>;
}

/** @param from the first word that is no flag */
async function operands(
  { complete, operands = "" }: Command,
  words: readonly string[],
  from: number,
  known: KnownInCommand,
): Promise<Candidates> {
  // The command's own name comes before these words.
  if (complete === "command line") return { words: [], shell: { commandLineFrom: from + 1 } };
  const index = words.length - 1 - from;
  if (index === 0 || operands.endsWith("...")) return await values(complete, known);
  return index === 1 && /^NAME \[?FILE\]?$/.test(operands) ? { words: [], shell: "files" } : nothing;
}

async function values(
  complete: Command["complete"],
  { names, host, given }: KnownInCommand,
): Promise<Candidates> {
  switch (complete as Completion | undefined) {
    case undefined:
      return nothing;
    case "files":
    case "directories":
      return { words: [], shell: complete as "files" | "directories" };
    case "commands":
      return { words: names };
    case "environments":
      return { words: await environments(host) };
    case "processes": {
      const { processWords } = await import("./complete_processes.ts");
      return { words: await processWords(given, host) };
    }
    default:
      return { words: (complete as readonly string[]).map((word) => [word, ""] as const) };
  }
}

/** Where the file cannot be read or followed, `run` says so. */
async function environments(host: ProgramHost): Promise<[name: string, about: string][]> {
  try {
    const { environments, includeLocal } = await readNamedEnvironments(codexHost(host));
    const named = environments.map(({ id, server }): [string, string] => [
      id,
      "url" in server ? server.url : server.argv.join(" "),
    ]);
    return includeLocal ? [...named, ["local", "this machine"]] : named;
  } catch {
    return [];
  }
}
