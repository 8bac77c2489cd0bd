import process from "node:process";
import { ExecServerClient } from "../client/client.ts";
import { stdioServerConnector } from "../machine/stdio_server.ts";
import type { SshMachine } from "../transport/ssh_url.ts";
import { ConnectionError } from "../transport/transport.ts";
import type { ProgramHost } from "./program_host.ts";

/** What is said by a machine that has no exec-server, with its platform behind it. */
const missing = "exec-server is missing on ";
const saidMissing = new RegExp(`${missing}([^|\\n]+)`);

/** Starts a server where one is. A person's own programs are where those that come by SSH often do not look. */
const serve = [
  'p=$(command -v exec-server || echo "$HOME/.local/bin/exec-server")',
  `[ -x "$p" ] || { echo "${missing}$(uname -sm)" >&2; exit 127; }`,
  'exec "$p" serve --listen stdio --log-level warn',
];

/** What is to be done on the way to a machine. */
export interface SshActions {
  /** Called where it has no exec-server, with its platform as `uname -sm` says it; brings one there. */
  readonly onMissing: (platform: string) => Promise<void>;
}

/**
 * A client of a server that is started on a machine through `ssh`, and ends with the connection.
 *
 * @throws {ConnectionError} where it cannot be
 */
export async function connectBySsh(
  machine: SshMachine,
  { onMissing }: SshActions,
  host: ProgramHost,
): Promise<ExecServerClient> {
  const connect = () =>
    ExecServerClient.connect(stdioServerConnector({ argv: sshCommand(machine, serve) }, host));
  try {
    return await connect();
  } catch (error) {
    const platform = error instanceof ConnectionError && saidMissing.exec(error.message)?.[1];
    if (!platform) throw error;
    await onMissing(platform.trim());
    return await connect();
  }
}

/**
 * The command that runs a shell script on a machine. `EXEC_SERVER_SSH` says what is called instead of `ssh`, with flags.
 *
 * @param script statements without apostrophes
 */
export function sshCommand({ destination, port }: SshMachine, script: readonly string[]): readonly string[] {
  const given = process.env.EXEC_SERVER_SSH?.split(/\s+/).filter((word) => word !== "") ?? [];
  return [
    ...given.length > 0 ? given : ["ssh"],
    "-T",
    ...port === undefined ? [] : ["-p", port],
    "--",
    destination,
    // In one line, whatever the user's shell is there.
    `sh -c '${script.join("; ")}'`,
  ];
}
