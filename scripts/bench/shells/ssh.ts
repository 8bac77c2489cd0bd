import { residentBytes } from "../resident_bytes.ts";
import type { SshdTarget } from "../target.ts";
import type { Command, Shell, ShellOptions } from "./shell.ts";
import { quote } from "./websocketd.ts";

/** Runs commands through the ssh client, every one over the one connection that it keeps open. */
export class SshShell implements Shell {
  readonly #config: string;
  readonly #pid: number;
  readonly #master: Deno.ChildProcess;
  readonly #left: Deno.ChildProcess[] = [];

  private constructor(config: string, pid: number, master: Deno.ChildProcess) {
    this.#config = config;
    this.#pid = pid;
    this.#master = master;
  }

  /** Connects. @throws {Error} with what ssh says */
  static async open({ config, pid }: SshdTarget): Promise<SshShell> {
    const master = new Deno.Command("ssh", {
      args: ["-F", config, "-o", "ControlMaster=yes", "-N", "bench"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const shell = new SshShell(config, pid, master);
    for (let i = 0; i < 100; i++) {
      const { success } = await shell.#ssh(["-O", "check", "bench"]).output();
      if (success) return shell;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await kill(master);
    throw new Error(
      new TextDecoder().decode((await master.output()).stderr).trim() || "ssh does not connect",
    );
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
        const child = this.#ssh(args, "piped").spawn();
        const output = child.stdout.pipeTo(new WritableStream());
        const writer = child.stdin.getWriter();
        for (const chunk of chunks) await writer.write(chunk);
        await writer.close();
        await Promise.all([output, succeed(child)]);
      },
      leaveRunning: async () => {
        // A connection of its own: that is what an idle one costs.
        const child = this.#ssh(["-o", "ControlPath=none", ...args], "piped").spawn();
        this.#left.push(child);
        const { done } = await child.stdout.getReader().read();
        if (done) await succeed(child);
      },
    });
  }

  memory(): number {
    return residentBytes(this.#pid);
  }

  async endRunning(): Promise<void> {
    await Promise.all(this.#left.splice(0).map(kill));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endRunning();
    await kill(this.#master);
  }

  #ssh(args: string[], stdin: "null" | "piped" = "null"): Deno.Command {
    return new Deno.Command("ssh", {
      args: ["-F", this.#config, ...args],
      stdin,
      stdout: "piped",
      stderr: "null",
    });
  }
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
