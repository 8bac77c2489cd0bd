import { startServer } from "../../../tests/support/server_process.ts";
import type { Absent, Contender } from "../contender.ts";
import { isFile } from "../installed.ts";

/** This program. @param command starts it, without a command of its own */
export function ours(name: string, command: readonly string[]): Contender | Absent {
  if (!isFile(command[0]!)) {
    return { name, reason: `There is no ${command[0]}: run \`deno task compile:bun\`` };
  }
  return {
    name,
    kind: "server",
    run: [...command, "run", "--"],
    runOn: (target) => [...command, "run", "--url", (target as { url: string }).url, "--"],
    async start() {
      const server = await startServer({ command: [...command, "serve", "--log-level", "off"] });
      return { target: { kind: "server", url: server.url, pid: server.pid }, stop: () => server.stop() };
    },
  };
}
