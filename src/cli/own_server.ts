import { ExecServerClient } from "../client/client.ts";
import { Logger } from "../observe/logger.ts";
import { ExecServer } from "../server/server.ts";
import { directConnection } from "../transport/direct_connection.ts";
import { LogOutput } from "./log_output.ts";
import type { ProgramHost } from "./program_host.ts";

/** A client and a server for this program alone, which nobody else can reach. */
export interface OwnServer extends AsyncDisposable {
  readonly client: ExecServerClient;
}

/** Starts a server in this process, and a client of it. */
export async function startOwnServer(host: ProgramHost): Promise<OwnServer> {
  const log = new LogOutput(host.writeStandard);
  const server = new ExecServer({
    host,
    logger: new Logger({ level: "error", format: "text", write: (line) => log.write(line) }),
  });
  const { socket, transport } = directConnection();
  void server.accept(socket);
  try {
    const client = await ExecServerClient.open(transport);
    return {
      client,
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
