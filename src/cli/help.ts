import type { Command, FlagDefinitions } from "./command.ts";

const width = 28;

/** The help of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width - 2)}${summary}`);
  return `Run and control processes on another machine

Usage: exec-server COMMAND [FLAGS]

Commands:
${list.join("\n")}

Flags:
${flagHelp({ version: { short: "V", help: "Print the version" }, ...helpFlag })}

exec-server COMMAND --help tells more of a command.
`;
}

/** The help of one command. */
export function commandHelp({ name, summary, operands, description, examples, flags }: Command): string {
  return `${summary}

Usage: exec-server ${name} [FLAGS]${operands ? ` ${operands}` : ""}
${description ? `\n${wrap(description)}\n` : ""}
Flags:
${flagHelp({ ...flags, ...helpFlag })}

Examples:
${examples.map((line) => `  exec-server ${name} ${line}`).join("\n")}
`;
}

/** The flag that every command has. */
export const helpFlag = { help: { short: "h", help: "Print this help" } } as const;

function flagHelp(flags: FlagDefinitions): string {
  return Object.entries(flags).map(([name, { short, value, help }]) => {
    const spelled = `  ${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
    return spelled.length < width ? spelled.padEnd(width) + help : `${spelled}\n${"".padEnd(width)}${help}`;
  }).join("\n");
}

function wrap(text: string): string {
  return text.split("\n").map((paragraph) => paragraph.replace(/(.{1,78})(\s+|$)/g, "$1\n").trimEnd()).join(
    "\n",
  );
}
