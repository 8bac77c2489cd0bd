import { createHash, randomBytes } from "node:crypto";
import { capabilityTokens } from "../endpoint/bearer.ts";
import { Logger } from "../observe/logger.ts";
import { ExecServer } from "../server/server.ts";
import { LogOutput } from "./log_output.ts";
import type { ProgramHost } from "./program_host.ts";

/** A server on this machine for who knows its token. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** Starts a server in this process on a free loopback port, open to a random token only. */
export async function startLocalServer(host: ProgramHost): Promise<LocalServer> {
  const token = randomBytes(32).toString("hex");
  const log = new LogOutput(host.writeStandard);
  const server = new ExecServer({
    host,
    logger: new Logger({ level: "error", format: "text", write: (line) => log.write(line) }),
  });
  const bearer = capabilityTokens([{
    sha256: createHash("sha256").update(token).digest("hex"),
    role: "full",
  }]);
  const where = { address: "127.0.0.1", port: 0 };
  const url = await server.listen(host.http, where, { allowedOrigins: [], allowedHosts: [], bearer });
  return { url, token, [Symbol.asyncDispose]: () => server.stop() };
}
