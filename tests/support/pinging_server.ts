/**
 * A server that pings every so many milliseconds, for tests that cannot wait for the real interval:
 * `pinging_server.ts MILLISECONDS`.
 */
import process from "node:process";
import type { ProgramHost } from "../../src/cli/program_host.ts";
import { Logger } from "../../src/observe/logger.ts";
import { ExecServer } from "../../src/server/server.ts";

const { host }: { host: ProgramHost } = "Bun" in globalThis
  ? await import("../../src/runtime/bun/program.ts")
  : await import("../../src/runtime/deno/program.ts");
const logger = new Logger({
  level: "warn",
  format: "text",
  write: (line) => void host.writeStandard("stderr", new TextEncoder().encode(line)),
});
const pingIntervalMs = Number(process.argv[2]);
const server = new ExecServer({ host, logger, pingIntervalMs });
process.on("SIGTERM", () => server.stop().then(() => process.exit(0)));
const url = await server.listen(host.http, { address: "127.0.0.1", port: 0 }, {
  allowedOrigins: [],
  allowedHosts: [],
  bearer: undefined,
});
process.stdout.write(`${url}\n`);
