import process from "node:process";
import { SHUTDOWN_MS } from "../limits.ts";
import { ClientPipes } from "../mcp/tools/client_pipes.ts";
import type { Confinement } from "../mcp/tools/confinement.ts";
import { type MachineChoices, ToolMachines } from "../mcp/tools/tool_machines.ts";
import { toolServer } from "../mcp/tools/tool_server.ts";
import { Logger } from "../observe/logger.ts";
import { deadline } from "../std/async/deadline.ts";
import { StdioSocket } from "../transport/stdio_socket.ts";
import { LogOutput } from "./log_output.ts";
import type { ProgramHost } from "./program_host.ts";
import { outliveUncaughtErrors } from "./uncaught_errors.ts";

/** Serves the agent at the other end of this program's stdin and stdout until it is gone. @returns the exit status */
export async function serveMcp(
  choices: MachineChoices,
  confinement: Confinement,
  host: ProgramHost,
): Promise<number> {
  const log = new LogOutput(host.writeStandard);
  outliveUncaughtErrors(new Logger({ level: "error", format: "text", write: (line) => log.write(line) }));
  // What is counted in groups is in one of this program's, and ends with it.
  await host.spawner.programEnd?.watch();
  const socket = new StdioSocket(process.stdin, (bytes) => host.writeStandard("stdout", bytes));
  const pipes = new ClientPipes(socket);
  await using machines = new ToolMachines(choices, confinement);
  const server = toolServer(machines, confinement);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  server.server.onclose = end;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // What is stuck is left by the second one.
    process.on(signal, () => {
      process.on(signal, () => process.exit(1));
      end();
    });
  }
  await server.connect(pipes);
  await ended;
  await server.close();
  await deadline(socket.flushed(), SHUTDOWN_MS).catch(() => {}); // The agent may read no more.
  return 0;
}
