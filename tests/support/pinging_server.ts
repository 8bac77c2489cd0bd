/**
 * A server that pings every so many milliseconds, for tests that cannot wait for the real interval:
 * `pinging_server.ts MILLISECONDS`.
 */
import process from "node:process";
import type { Runtime } from "../../src/cli/runtime.ts";
import { Logger } from "../../src/observe/logger.ts";
import { ExecServer } from "../../src/server/server.ts";

const { runtime }: { runtime: Runtime } = "Bun" in globalThis
  ? await import("../../src/runtime/bun/runtime.ts")
  : await import("../../src/runtime/deno/runtime.ts");
const logger = new Logger({
  level: "warn",
  format: "text",
  write: (line) => void runtime.writeStandard("stderr", new TextEncoder().encode(line)),
});
const environment = { ...process.env } as Record<string, string>;
const pingIntervalMs = Number(process.argv[2]);
const server = new ExecServer({ ...runtime, environment, logger, pingIntervalMs });
process.on("SIGTERM", () => server.stop().then(() => process.exit(0)));
const url = await server.listen(runtime.http, { address: "127.0.0.1", port: 0 }, {
  allowedOrigins: [],
  allowedHosts: [],
  bearer: undefined,
});
process.stdout.write(`${url}\n`);
