import { existsSync } from "node:fs";
import { join } from "node:path";
import { until } from "./proc.ts";
import { TempFolder } from "./temp_folder.ts";

const program = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));

/** Whether this machine has what is needed for one. */
export const hasSshd = program !== undefined && existsSync("/usr/bin/ssh") && Deno.uid() === 0;

/** An `sshd` on loopback, with keys and a home of its own, which knows a client by `ssh` called as {@linkcode ssh} says. */
export class Sshd implements AsyncDisposable {
  /** What calls its `ssh`. */
  readonly ssh: string;
  /** The home of who comes by it. */
  readonly home: string;
  readonly port: number;
  readonly #folder: TempFolder;
  readonly #child: Deno.ChildProcess;

  private constructor(folder: TempFolder, port: number, child: Deno.ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    this.port = port;
    this.home = join(folder.path, "home");
    this.ssh = `ssh -F ${folder.path}/ssh_config`;
  }

  static async start(): Promise<Sshd> {
    const folder = new TempFolder();
    const at = (name: string) => join(folder.path, name);
    Deno.mkdirSync(at("home"));
    // Where it parts with its privileges; its service makes it at boot.
    Deno.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    for (const name of ["host", "user"]) {
      await new Deno.Command("ssh-keygen", { args: ["-q", "-t", "ed25519", "-N", "", "-f", at(name)] })
        .output();
    }
    const port = freePort();
    await folder.write(
      "sshd_config",
      `ListenAddress 127.0.0.1\nHostKey ${at("host")}\nAuthorizedKeysFile ${
        at("user.pub")
      }\nStrictModes no\n` +
        `PermitRootLogin prohibit-password\nUsePAM no\nPidFile none\nLogLevel ERROR\n` +
        `SetEnv SHLVL=1 HOME=${at("home")}\n`,
    );
    await folder.write(
      "ssh_config",
      `Host machine\nHostName 127.0.0.1\nPort ${port}\nIdentityFile ${at("user")}\nIdentitiesOnly yes\n` +
        "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n",
    );
    const child = new Deno.Command(program!, {
      args: ["-D", "-e", "-f", at("sshd_config"), "-p", String(port)],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new Sshd(folder, port, child);
    await until("sshd accepts connections", () => accepts(port));
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#folder[Symbol.asyncDispose]();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The kernel's own list says it, without a connection. */
function accepts(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  return Deno.readTextFileSync("/proc/net/tcp").includes(address);
}
