/** A machine that SSH reaches. */
export interface SshMachine {
  /** As `ssh` takes it: `HOST` or `USER@HOST`, where the host may be a name of `ssh_config`. */
  readonly destination: string;
  readonly port: string | undefined;
}

/** User and host; none of them may be taken for a flag of `ssh`. */
const form =
  /^ssh:\/\/(?:([A-Za-z0-9._][A-Za-z0-9._+-]*)@)?([A-Za-z0-9._][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.%]+\])(?::(\d{1,5}))?\/?$/;

/** The machine of an `ssh://[USER@]HOST[:PORT]` URL; undefined for any other text. */
export function sshMachine(url: string): SshMachine | undefined {
  const [, user, host, port] = form.exec(url) ?? [];
  if (host === undefined) return undefined;
  const name = host.replace(/^\[(.*)\]$/, "$1");
  return { destination: user === undefined ? name : `${user}@${name}`, port };
}
