import { randomUUID } from "node:crypto";
import type { ExecServerClient } from "../client/client.ts";
import { type RunCommand, startRequestOf } from "./run_command.ts";
import { startCommand } from "./start_command.ts";

/** What to start and leave. */
export interface DetachedOptions extends RunCommand {
  /** Whether its stdin stays open for who attaches. */
  readonly keepsInput: boolean;
}

/**
 * Starts a process of the server's lifetime, and leaves it.
 *
 * @returns what it is found by: its name, or else its handle
 * @throws {StartFailure} when it does not start
 */
export async function runDetached(client: ExecServerClient, options: DetachedOptions): Promise<string> {
  const processId = randomUUID();
  const request = {
    ...startRequestOf(options),
    cwd: options.cwd,
    processId,
    pipeStdin: options.keepsInput,
    lifetime: "server",
    lossless: false,
  } as const;
  await startCommand(client, request);
  const { processes } = await client.call("process/list", null);
  const handle = processes.find((process) => process.processId === processId)?.handle;
  await client.detach(processId);
  return options.name ?? handle!;
}
