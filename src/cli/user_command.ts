/** The variables that are of the user, each with what says it. */
const variables = { USER: "name", LOGNAME: "name", HOME: "home", SHELL: "shell" } as const;

/**
 * The command that runs another one as a user of the server's machine: with that user's groups, and with its own HOME, USER,
 * LOGNAME and SHELL, but for those that are given. The command takes the script's place, with its process number and its exit
 * status. Nothing is asked of the server but that it runs as root.
 */
export function asUser(
  user: string,
  argv: readonly string[],
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const own = Object.entries(variables).filter(([name]) => !Object.hasOwn(given, name));
  const exports = own.map(([name, from]) => `export ${name}="$${from}"\n`).join("");
  return ["/bin/sh", "-c", script(exports), "exec-server", user, ...argv];
}

function script(exports: string): string {
  return `
fail() { echo "exec-server: $1" >&2; exit 125; }
user=$1; shift
[ "$(id -u)" = 0 ] || fail "--user needs a server that runs as root"
uid=$(id -u -- "$user" 2>/dev/null) || fail "the server's machine has no user $user"
gid=$(id -g -- "$user")
command -v setpriv >/dev/null || fail "--user needs setpriv, of util-linux, on the server's machine"
entry=$(getent passwd "$uid" 2>/dev/null || grep "^[^:]*:[^:]*:$uid:" /etc/passwd)
IFS=: read -r name _ _ _ _ home shell <<END
$entry
END
${exports}exec setpriv --reuid="$uid" --regid="$gid" --init-groups -- "$@"
`;
}
