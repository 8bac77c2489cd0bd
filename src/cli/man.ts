import { version } from "../version.ts";
import { type Command, defineCommand, type FlagDefinition } from "./command.ts";
import { helpFlag } from "./help.ts";
import { print } from "./print.ts";

/** `exec-server man`, made from the same table as the help. */
export function manCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "man",
    summary: "Print the manual page",
    examples: ["> exec-server.1 && man ./exec-server.1"],
    flags: {},
    async run(_args, runtime) {
      return await print(runtime, manualPage(commands()));
    },
  }) as unknown as Command;
}

function manualPage(commands: readonly Command[]): string {
  return `.TH EXEC-SERVER 1 "" "exec-server ${version}" "User Commands"
.SH NAME
exec-server \\- run and control processes on another machine
.SH SYNOPSIS
.B exec-server
.I COMMAND
.RI [ FLAGS ]
.SH COMMANDS
${commands.map(section).join("\n")}
`;
}

function section({ name, summary, operands, description, examples, flags }: Command): string {
  const list = Object.entries({ ...flags, ...helpFlag } as Record<string, FlagDefinition>).map(
    ([flag, definition]) => {
      const { short, value, help } = definition;
      const spelled = `${short ? `\\-${short}, ` : ""}\\-\\-${escape(flag)}`;
      return `.TP\n.B ${spelled}${value ? ` ${escape(value)}` : ""}\n${escape(help)}`;
    },
  );
  return `.SS "exec\\-server ${name}${operands ? ` ${escape(operands)}` : ""}"
${escape(summary)}.
${description ? `.PP\n${escape(description).replaceAll("\n\n", "\n.PP\n")}\n` : ""}${list.join("\n")}
.PP
Examples:
.nf
${examples.map((line) => `    exec\\-server ${name} ${escape(line)}`).join("\n")}
.fi`;
}

/** Text as troff takes it: no line may begin with a control character, and a hyphen is a minus. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/gm, "\\&$1");
}
