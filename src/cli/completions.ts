import { type Command, defineCommand } from "./command.ts";
import { helpFlag } from "./help.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";

const shells = { bash, zsh, fish } as const;

/** `exec-server completions`, made from the same table as the help. */
export function completionsCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "completions",
    summary: "Print a completion script for a shell",
    operands: Object.keys(shells).join("|"),
    examples: [
      "bash > ~/.local/share/bash-completion/completions/exec-server",
      'zsh > "${fpath[1]}/_exec-server"',
      "fish > ~/.config/fish/completions/exec-server.fish",
    ],
    flags: {},
    async run({ rest: [shell, ...more] }, runtime) {
      if (shell === undefined || more.length > 0 || !Object.hasOwn(shells, shell)) {
        throw new UsageError(`completions takes one of ${Object.keys(shells).join(", ")}`);
      }
      return await print(runtime, shells[shell as keyof typeof shells](commands()));
    },
  }) as unknown as Command;
}

/** A command's flags with the one that all have. */
function flagsOf({ flags }: Command) {
  return Object.entries({ ...flags, ...helpFlag }) as [
    string,
    { short?: string; value?: string; help: string },
  ][];
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const words = flagsOf(command).map(([name]) => `--${name}`).join(" ");
    return `    ${command.name}) words="${words}" ;;`;
  });
  return `# bash completion for exec-server
_exec_server() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(" ")} --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi ;;
  esac
}
complete -o filenames -F _exec_server exec-server
`;
}

function zsh(commands: readonly Command[]): string {
  const quote = (text: string) => text.replace(/[\\'[\]:]/g, (char) => char === "'" ? "'\\''" : `\\${char}`);
  const list = commands.map(({ name, summary }) => `    '${name}:${quote(summary)}'`).join("\n");
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map(([name, { value, help }]) =>
      `      '--${name}${value ? "=" : ""}[${quote(help)}]${value ? `:${quote(value)}:_files` : ""}'`
    );
    return `    ${command.name}) _arguments \\\n${flags.join(" \\\n")} \\\n      '*:file:_files' ;;`;
  });
  return `#compdef exec-server
_exec_server() {
  local -a commands=(
${list}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
_exec_server "$@"
`;
}

function fish(commands: readonly Command[]): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const lines = commands.flatMap((command) => [
    `complete -c exec-server -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`,
    ...flagsOf(command).map(([name, { short, value, help }]) =>
      `complete -c exec-server -n '__fish_seen_subcommand_from ${command.name}' -l ${name}` +
      `${short ? ` -s ${short}` : ""}${value ? " -r" : ""} -d ${quote(help)}`
    ),
  ]);
  return `# fish completion for exec-server\n${lines.join("\n")}\n`;
}
