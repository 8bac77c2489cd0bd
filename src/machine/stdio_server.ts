import { deadline } from "../std/async/deadline.ts";
import { type ServerPipes, stdioConnector } from "../transport/stdio_transport.ts";
import { ConnectionError, type Connector } from "../transport/transport.ts";
import { KILLED_STREAM_MS, OUTPUT_CHUNK_BYTES, SERVER_QUOTE_BYTES } from "../limits.ts";
import { exitCode } from "../process/exit_code.ts";
import { findProgramInTime } from "../process/find_program.ts";
import { workingDirectory } from "../host/working_directory.ts";
import type { Host } from "../host/host.ts";
import { signalGroup } from "../process/termination.ts";
import { checkArgv } from "./start_request.ts";
import { TailBuffer } from "./tail_buffer.ts";

/** A command that serves one client on its standard streams. */
export interface StdioServerCommand {
  /** The program and its arguments, such as `["ssh", "host", "exec-server", "serve", "--listen", "stdio"]`. */
  readonly argv: readonly string[];
  /** Its environment; this program's own by default. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Absolute path of its directory; this program's own by default. */
  readonly cwd?: string | undefined;
  /** Where its stderr goes; nowhere by default. Its end is told in any case when the command ends unasked. */
  readonly onStderr?: (bytes: Uint8Array) => void;
}

/** What starts a server command. */
type StartingHost = Pick<Host, "spawner" | "environment">;

/** Starts a server command for every connection that is made. */
export function stdioServerConnector(command: StdioServerCommand, host: StartingHost): Connector {
  return stdioConnector(async () => {
    try {
      return await startServer(command, host);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConnectionError(`Cannot start the server command "${command.argv[0]}": ${reason}`, {
        cause: error,
      });
    }
  });
}

async function startServer(command: StdioServerCommand, host: StartingHost): Promise<ServerPipes> {
  checkArgv(command.argv);
  const [name = "", ...args] = command.argv;
  const cwd = command.cwd ?? workingDirectory();
  const env = command.env ?? host.environment();
  const child = host.spawner.spawnPipes({
    program: await findProgramInTime(name, cwd, env),
    argv0: name,
    args,
    cwd,
    env,
    stdin: "pipe",
  });
  let code: number | undefined;
  const exited = child.exit.then((exit) => void (code = exitCode(exit)));
  const said = new TailBuffer(SERVER_QUOTE_BYTES);
  const source = (stream: string) => child.outputs.find((output) => output.stream === stream)!.source;
  const drainStderr = async () => {
    for (;;) {
      const bytes = await source("stderr").read(OUTPUT_CHUNK_BYTES);
      if (bytes === null) return;
      said.push(bytes);
      command.onStderr?.(bytes);
    }
  };
  const drained = drainStderr();
  // Why a server ended is on its stderr, which somebody else may hold open.
  const lastWords = () => deadline(Promise.all([drained, exited]), KILLED_STREAM_MS).catch(() => {});
  return {
    async read() {
      const bytes = await source("stdout").read(OUTPUT_CHUNK_BYTES);
      if (bytes === null) await lastWords();
      return bytes;
    },
    async write(bytes) {
      try {
        await child.stdin!.write(bytes);
      } catch (error) {
        await lastWords();
        throw error;
      }
    },
    explainEnd: () => endOf(code, said.text()),
    close: () => {
      // The end of its input ends a server in order; one that does not care is told.
      child.stdin!.close().catch(() => {});
      if (code === undefined) signalGroup(child.pid, "SIGTERM");
      for (const { source } of child.outputs) source.cancel();
    },
  };
}

/** How a command ended that was not asked to, in one line. */
function endOf(code: number | undefined, stderr: string): string {
  const how = code === undefined ? "" : ` (exit code ${code})`;
  const lines = stderr.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  return lines.length === 0 ? how : `${how}; its stderr ends: ${lines.join(" | ")}`;
}
