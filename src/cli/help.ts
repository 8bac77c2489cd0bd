import type { Command, FlagDefinition, FlagDefinitions } from "./command.ts";
import { lineWidth, wrap, wrapCommandLine } from "./wrap.ts";

/** The column in which explanations begin. */
const column = 26;

/** The help of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const list = (own: boolean) =>
    commands.filter(({ about }) => (about === "program") === own)
      .map(({ name, summary }) => entry(`  ${name}`, summary, 15)).join("\n");
  return `Run and control processes on another machine

Usage: exec-server COMMAND [FLAGS]

Commands:
${list(false)}

About this program:
${list(true)}

Flags:
${flagHelp({ version: { short: "V", help: "Print the version" }, ...helpFlag })}

exec-server COMMAND --help tells more of a command.
`;
}

/** The help of one command. */
export function commandHelp({ name, summary, operands, description, examples, flags }: Command): string {
  return `${wrap(summary).join("\n")}

Usage: exec-server ${name}${Object.keys(flags).length > 0 ? " [FLAGS]" : ""}${operands ? ` ${operands}` : ""}
${description ? `\n${wrap(description).join("\n")}\n` : ""}
${groups({ ...flags, ...helpFlag }).map(([title, flags]) => `${title}:\n${flagHelp(flags)}`).join("\n\n")}

Examples:
${examples.map((line) => wrapCommandLine(`exec-server ${name} ${line}`.trimEnd(), "  ")).join("\n")}
`;
}

/** The flag that every command has. */
export const helpFlag = { help: { short: "h", help: "Print this help" } } as const;

/** Flags that belong together, those without a group last. */
export function groups(flags: FlagDefinitions): [title: string, flags: FlagDefinitions][] {
  const titles = [...new Set(Object.values(flags).map(({ group }) => group))];
  const named = titles.filter((title) => title !== undefined);
  return [...named, undefined].map((title) => [
    title ?? (named.length > 0 ? "Other flags" : "Flags"),
    Object.fromEntries(Object.entries(flags).filter(([, { group }]) => group === title)),
  ]);
}

/** A flag as it is written on a command line. */
export function spelling(name: string, { short, value }: FlagDefinition): string {
  return `${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`;
}

function flagHelp(flags: FlagDefinitions): string {
  return Object.entries(flags).map(([name, flag]) => {
    const indent = flag.short ? "  " : "      ";
    return entry(indent + spelling(name, flag), flag.help + (flag.repeat ? "; may be repeated" : ""), column);
  }).join("\n");
}

function entry(term: string, text: string, column: number): string {
  const lines = wrap(text, lineWidth - column).map((line) => "".padEnd(column) + line);
  if (term.length + 2 > column) return [term, ...lines].join("\n");
  return term.padEnd(column) + lines.join("\n").slice(column);
}
