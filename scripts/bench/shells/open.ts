import type { ShellTarget } from "../target.ts";
import { BareProcess } from "./bare_process.ts";
import type { Shell } from "./shell.ts";
import { SshShell } from "./ssh.ts";
import { WebsocketdShell } from "./websocketd.ts";

/** The shell of a target that is not a server of the protocol. */
export async function openShell(target: ShellTarget): Promise<Shell> {
  switch (target.kind) {
    case "bare process":
      return new BareProcess();
    case "websocketd":
      return new WebsocketdShell(target);
    case "sshd":
      return await SshShell.open(target);
  }
}
