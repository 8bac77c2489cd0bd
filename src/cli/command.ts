import type { ProgramHost } from "./program_host.ts";

/** One flag of a command. */
export interface FlagDefinition {
  /** One letter that stands for it. */
  readonly short?: string;
  /** What its value is called in the help; a flag without one takes no value. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly repeat?: boolean;
  /** Whether each one begins a section of the command line, as each place to listen does. */
  readonly beginsSection?: boolean;
  /** Whether each section has its own: the one behind its beginning, or the one before all of them. */
  readonly perSection?: boolean;
  /** One line of help. */
  readonly help: string;
  /** The title of the flags that it belongs to. */
  readonly group?: string;
  /** What its value may be, for a shell that completes it. */
  readonly complete?: Completion;
}

/** What may be given for a value: some words, names of the user's machines, or what the shell itself knows. */
export type Completion =
  | readonly string[]
  | "environments"
  | "processes"
  | "commands"
  | "files"
  | "directories";

/** Flags by name, without dashes. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

/** What was given for a command's flags: a text, a list where the flag may repeat, or a boolean without value. */
export type FlagValues<Flags extends FlagDefinitions> = {
  readonly [Name in keyof Flags]: Flags[Name] extends { repeat: true } ? readonly string[]
    : Flags[Name] extends { value: string } ? string | undefined
    : boolean;
};

/** A command's arguments, taken apart. */
export interface ParsedArguments<Flags extends FlagDefinitions = FlagDefinitions> {
  /** The flags; those of sections are here too where there is but one. */
  readonly flags: FlagValues<Flags>;
  /** The flags of each section. Where none was begun, there is one all the same. */
  readonly sections: readonly FlagValues<Flags>[];
  /** What follows the flags, or `--`. */
  readonly rest: readonly string[];
}

/** One command: everything that its help, its parser and its completions need, and what it does. */
export interface Command<Flags extends FlagDefinitions = FlagDefinitions> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the flags, as the usage line shows it; undefined where nothing may follow. */
  readonly operands?: string;
  /** What an operand may be, for a shell that completes it. */
  readonly complete?: Completion | "command line";
  /** Set where it is about this program itself; the help lists such commands apart. */
  readonly about?: "program";
  /** Paragraphs below the summary. */
  readonly description?: string;
  /** Command lines to start from. */
  readonly examples: readonly string[];
  readonly flags: Flags;
  /** @returns the exit status */
  run(args: ParsedArguments<Flags>, host: ProgramHost): Promise<number>;
}

/** Lets a command's own flags type what its `run` is given. */
export function defineCommand<const Flags extends FlagDefinitions>(command: Command<Flags>): Command<Flags> {
  return command;
}
