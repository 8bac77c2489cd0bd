import { type Command, defineCommand } from "./command.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";

/** `exec-server completions`: each script asks the program itself what may stand where the cursor is. */
export const completions: Command = defineCommand({
  name: "completions",
  summary: "Print a completion script for bash, zsh or fish",
  operands: "bash|zsh|fish",
  about: "program",
  complete: ["bash", "zsh", "fish"],
  examples: [
    "bash > ~/.local/share/bash-completion/completions/exec-server",
    'zsh > "${fpath[1]}/_exec-server"',
    "fish > ~/.config/fish/completions/exec-server.fish",
  ],
  flags: {},
  async run({ rest: [shell, ...more] }, host) {
    if (shell === undefined || more.length > 0 || !Object.hasOwn(scripts, shell)) {
      throw new UsageError(`completions takes one of ${Object.keys(scripts).join(", ")}`);
    }
    return await print(host, scripts[shell as keyof typeof scripts]);
  },
}) as unknown as Command;

const bash = `# bash completion for exec-server
_exec_server() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line more=
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) more="\${line#:}" ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${1/#~\\//$HOME/}" complete bash -- "\${words[@]}" 2>/dev/null)
  case "$more" in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    command*)
      local first=$((\${more#command } + 1))
      if declare -F _comp_command_offset >/dev/null; then _comp_command_offset "$first"
      elif declare -F _command_offset >/dev/null; then _command_offset "$first"
      elif [ "$COMP_CWORD" -eq "$first" ]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u)
      else compopt -o default
      fi ;;
  esac
}
complete -F _exec_server exec-server
`;

const zsh = `#compdef exec-server
_exec_server() {
  local line more=
  local -a found
  for line in "\${(@f)$(\${(Q)~words[1]} complete zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      "") ;;
      :*) more="\${line#:}" ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#found} )) && _describe -t values "exec-server" found
  case "$more" in
    files) _files ;;
    directories) _files -/ ;;
    command*)
      shift "\${more#command } + 1" words
      (( CURRENT -= \${more#command } + 1 ))
      _normal ;;
  esac
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then _exec_server "$@"
else compdef _exec_server exec-server
fi
`;

const fish = `# fish completion for exec-server
function __exec_server_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in ($words[1] complete fish -- $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path "$current"
      case ':directories'
        __fish_complete_directories "$current"
      case ':command *'
        set -l first (math (string replace ':command ' '' -- $line) + 2)
        if test $first -gt (count $words)
          complete -C "$current"
        else
          complete -C (string join ' ' -- (string escape -- $words[$first..-1]) "$current")
        end
      case '*'
        echo $line
    end
  end
end
complete -c exec-server -f -a '(__exec_server_complete)'
`;

const scripts = { bash, zsh, fish } as const;
