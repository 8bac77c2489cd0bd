import type { Absent, Contender } from "../contender.ts";
import { installed } from "../installed.ts";
import { startDaemon } from "./daemon.ts";

/** Where sshd parts with its privileges, when it has them; its service makes it at boot. */
const separationFolder = "/run/sshd";

/**
 * `sshd` from Debian's package openssh-server: with keys, a configuration and a port of its own on loopback, for the user
 * the bench runs as. Nothing of the machine's own sshd or of the user's own keys is touched or read.
 */
export function sshd(name: string): Contender | Absent {
  const program = installed("sshd");
  const missing = !program ? "openssh-server" : installed("ssh") ? undefined : "openssh-client";
  if (missing || !program) return { name, reason: `It is not installed; Debian's package is ${missing}` };
  return {
    name,
    kind: "sshd",
    runOn: (target) => ["ssh", "-F", (target as { config: string }).config, "bench"],
    async start() {
      if (Deno.uid() === 0) await Deno.mkdir(separationFolder, { recursive: true, mode: 0o755 });
      const folder = await Deno.makeTempDir({ prefix: "bench-sshd-" });
      await Promise.all([makeKey(`${folder}/host`), makeKey(`${folder}/user`)]);
      await Deno.writeTextFile(`${folder}/sshd_config`, serverConfig(folder));
      const flags = ["-D", "-e", "-f", `${folder}/sshd_config`];
      const { port, pid, stop } = await startDaemon((port) => [program, ...flags, "-p", String(port)]);
      await Deno.writeTextFile(`${folder}/ssh_config`, clientConfig(folder, port));
      return {
        target: { kind: "sshd", config: `${folder}/ssh_config`, pid },
        async stop() {
          await stop();
          await Deno.remove(folder, { recursive: true });
        },
      };
    },
  };
}

/** SHLVL keeps bash from reading the user's `.bashrc` before each command: what stands there is no part of sshd. */
function serverConfig(folder: string): string {
  return `ListenAddress 127.0.0.1
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
LogLevel ERROR
MaxSessions 1000
MaxStartups 1000
SetEnv SHLVL=1
`;
}

function clientConfig(folder: string, port: number): string {
  return `Host bench
HostName 127.0.0.1
Port ${port}
IdentityFile ${folder}/user
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
`;
}

async function makeKey(path: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("ssh-keygen", {
    args: ["-q", "-t", "ed25519", "-N", "", "-f", path],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
