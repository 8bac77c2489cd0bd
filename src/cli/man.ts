import { version } from "../version.ts";
import { type Command, defineCommand } from "./command.ts";
import { groups, helpFlag, spelling } from "./help.ts";
import { print } from "./print.ts";

/** `exec-server man`, made from the same table as the help. */
export function manCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "man",
    summary: "Print the manual page",
    about: "program",
    examples: ["> exec-server.1 && man ./exec-server.1"],
    flags: {},
    run: (_args, host) => print(host, manualPage(commands())),
  }) as unknown as Command;
}

/** What ends a process of this program, as shells see it. */
const exitStatus: [status: string, meaning: string][] = [
  ["0", "It did what it was asked to. For run: the command ended with 0."],
  ["1", "For doctor: something is missing. For serve: a second signal ended it at once."],
  ["2", "The command line cannot be followed; a line on standard error says why."],
  ["124", "For run: the command was still running after --timeout."],
  [
    "125",
    "This program itself failed: it cannot listen, its server cannot be reached or was lost, or its output cannot be written.",
  ],
  ["126", "For run: the command is there and cannot be run."],
  ["127", "For run: there is no such command."],
  ["128+N", "For run: signal N ended the command."],
  ["other", "For run: the command's own."],
];

const environment: [name: string, meaning: string][] = [
  [
    "CODEX_HOME",
    "The directory of environments.toml and of the Codex CLI's configuration; ~/.codex by default.",
  ],
  ["EXEC_SERVER_LIMITS", "Limits of this program, as NAME=VALUE NAME=VALUE; docs/limits.md lists them."],
  [
    "EXEC_SERVER_TLS_CA, EXEC_SERVER_TLS_CERT, EXEC_SERVER_TLS_KEY",
    "For clients at wss://: the files of --tls-ca, --tls-cert and --tls-key.",
  ],
  ["HOME", "Where ~ is. Without it, the home directory of the user database."],
  ["SHELL", "Given to programs on terminals that a client starts without it; otherwise the login shell."],
  [
    "TERM, COLORTERM",
    "For run -t: what kind of terminal the command is shown on; xterm-256color by default.",
  ],
  [
    "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY",
    "For serve: the way out for requests that clients let it make, in upper or lower case.",
  ],
  ["SSL_CERT_FILE, NODE_EXTRA_CA_CERTS", "Authorities that are trusted beside the usual ones."],
  ["TMPDIR", "Where temporary files of clients go; /tmp by default."],
];

const files: [path: string, meaning: string][] = [
  ["$CODEX_HOME/environments.toml", "The machines that run --environment knows by name."],
  ["$CODEX_HOME/config.toml", "Read for clients that ask for the configuration of this machine."],
];

function manualPage(commands: readonly Command[]): string {
  return `.TH EXEC\\-SERVER 1 "" "exec\\-server ${version}" "User Commands"
.SH NAME
exec\\-server \\- run and control processes on another machine
.SH SYNOPSIS
${commands.map(synopsis).join("\n.br\n")}
.SH DESCRIPTION
A server that runs processes for its clients, and a client that runs one command as if it were here.
.SH COMMANDS
${commands.map(section).join("\n")}
.SH "EXIT STATUS"
${list(exitStatus)}
.SH ENVIRONMENT
${list(environment)}
.SH FILES
${list(files)}
.SH EXAMPLES
.nf
${commands.flatMap(exampleLines).join("\n")}
.fi
.SH "SEE ALSO"
.BR ssh (1),
.BR docker (1)
`;
}

function synopsis({ name, operands, flags }: Command): string {
  const options = Object.keys(flags).length > 0 ? " [\\fIFLAGS\\fR]" : "";
  return `\\fBexec\\-server ${escape(name)}\\fR${options}${operands ? ` \\fI${escape(operands)}\\fR` : ""}`;
}

function section({ name, summary, description, flags }: Command): string {
  const options = groups({ ...flags, ...helpFlag }).flatMap(([, flags]) => Object.entries(flags));
  return `.SS ${escape(name)}
${escape(summary)}.
${description ? `.PP\n${escape(description).replaceAll("\n\n", "\n.PP\n")}\n` : ""}${
    list(options.map(([flag, definition]) => [
      spelling(flag, definition),
      `${definition.help}${definition.repeat ? "; may be repeated" : ""}.`,
    ]))
  }`;
}

function list(entries: readonly (readonly [term: string, text: string])[]): string {
  return entries.map(([term, text]) => `.TP\n.B ${escape(term)}\n${escape(text)}`).join("\n");
}

function exampleLines({ name, examples }: Command): string[] {
  return examples.map((line) => escape(`exec-server ${name} ${line}`.trimEnd()));
}

/** Text as troff takes it: no line may begin with a control character, and a hyphen is a minus. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("~", "\\(ti").replaceAll("^", "\\(ha")
    .replace(/^([.'])/gm, "\\&$1");
}
