import { dirname } from "node:path";
import { residentBytes } from "../resident_bytes.ts";
import type { SshdTarget } from "../target.ts";
import type { Command, Shell, ShellOptions } from "./shell.ts";
import { quote } from "./websocketd.ts";

/** Runs commands through the ssh client, every one over the one connection that it keeps open. */
export class SshShell implements Shell {
  readonly #target: SshdTarget;
  readonly #control: string;
  readonly #master: Deno.ChildProcess;
  readonly #left: Deno.ChildProcess[] = [];

  private constructor(target: SshdTarget, control: string) {
    this.#target = target;
    this.#control = control;
    this.#master = this.#ssh(["-o", "ControlMaster=yes", "-N", "bench"], { stderr: "piped" }).spawn();
  }

  /** Connects. @throws {Error} with what ssh says */
  static async open(target: SshdTarget): Promise<SshShell> {
    // Never the path of another round: a master that is killed leaves its socket behind, and ssh takes over no path that
    // is there. What starts the sshd removes the folder.
    const folder = await Deno.makeTempDir({ dir: dirname(target.config), prefix: "control-" });
    const shell = new SshShell(target, `${folder}/socket`);
    for (let i = 0; i < 100; i++) {
      const { success } = await shell.#ssh(["-O", "check", "bench"]).output();
      if (success) return shell;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await kill(shell.#master);
    const { stderr } = await shell.#master.output();
    throw new Error(new TextDecoder().decode(stderr).trim() || "ssh does not connect");
  }

  prepare(argv: readonly string[], { tty = false }: ShellOptions = {}): Promise<Command> {
    const args = [tty ? "-tt" : "-T", "bench", argv.map(quote).join(" ")];
    return Promise.resolve({
      run: async () => {
        const child = this.#ssh(args).spawn();
        const reader = child.stdout.getReader({ mode: "byob" });
        let bytes = 0;
        for (let buffer = new Uint8Array(65_536);;) {
          const { value, done } = await reader.read(buffer);
          if (done || !value) break;
          bytes += value.length;
          buffer = new Uint8Array(value.buffer);
        }
        await succeed(child);
        return bytes;
      },
      feed: async (chunks) => {
        const child = this.#ssh(args, { stdin: "piped" }).spawn();
        const output = child.stdout.pipeTo(new WritableStream());
        const writer = child.stdin.getWriter();
        for (const chunk of chunks) await writer.write(chunk);
        await writer.close();
        await Promise.all([output, succeed(child)]);
      },
      leaveRunning: async () => {
        // A connection of its own: that is what an idle one costs.
        const child = this.#ssh(args, { stdin: "piped", control: "none" }).spawn();
        this.#left.push(child);
        const { done } = await child.stdout.getReader().read();
        if (done) await succeed(child);
      },
    });
  }

  memory(): number {
    return residentBytes(this.#target.pid);
  }

  async endRunning(): Promise<void> {
    await Promise.all(this.#left.splice(0).map(kill));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endRunning();
    await kill(this.#master);
  }

  #ssh(
    args: string[],
    { stdin = "null", stderr = "null", control = this.#control }: SshOptions = {},
  ): Deno.Command {
    return new Deno.Command("ssh", {
      args: ["-F", this.#target.config, "-o", `ControlPath=${control}`, ...args],
      stdin,
      stdout: "piped",
      stderr,
    });
  }
}

interface SshOptions {
  readonly stdin?: "null" | "piped";
  readonly stderr?: "null" | "piped";
  /** The socket of the master whose connection is used; `none` for a connection of its own. */
  readonly control?: string;
}

async function succeed(child: Deno.ChildProcess): Promise<void> {
  const { code } = await child.status;
  if (code !== 0) throw new Error(`ssh ended with status ${code}`);
}

/** With no chance to tidy up: a master that is asked to end may wait for a session that is just ending. */
async function kill(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.status;
}
