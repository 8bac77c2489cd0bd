import { ConnectionError } from "../transport/transport.ts";
import { defineCommand } from "./command.ts";
import { statusOfExit } from "./run_status.ts";
import { serverFlags } from "./server_flags.ts";

/** `exec-server wait` */
export const wait = defineCommand({
  name: "wait",
  summary: "Wait until a process of a server ends, and end with its exit status",
  operands: "NAME",
  complete: "processes",
  description: "NAME is a process's name, its handle, or the beginning of that.",
  examples: ["--url ws://127.0.0.1:9000 build"],
  flags: serverFlags,
  async run({ flags, rest }, host) {
    const { findShared, oneName, openShared } = await import("./shared_target.ts");
    const name = oneName("wait", rest);
    await using target = await openShared(flags, host);
    const { handle, nextSeq, exited, exitCode } = await findShared(target, name);
    if (exited) return statusOfExit(exitCode!);
    const process = await target.processes.attach(handle, { from: { afterSeq: nextSeq - 1 } });
    for await (const event of process.events()) {
      if (event.kind === "exited") return statusOfExit(event.exitCode);
      if (event.kind === "failed") throw new ConnectionError(event.message);
    }
    throw new ConnectionError("the server did not tell how the process ended");
  },
});
