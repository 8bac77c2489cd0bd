import process from "node:process";
import { codexHost } from "../codex/codex_host.ts";
import { EnvironmentsFileError, type NamedEnvironments } from "../codex/environments_file.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { defineCommand } from "./command.ts";
import { print } from "./print.ts";
import type { ProgramHost } from "./program_host.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

/** `exec-server use` */
export const use = defineCommand({
  name: "use",
  summary: "Choose the server that commands are about when none is named",
  operands: "[NAME]",
  complete: "environments",
  description:
    `NAME is a server of $CODEX_HOME/environments.toml, which becomes its default: for this program, and for the Codex CLI, \
whose file it is. "local" is this machine, and "none" makes every command say where. Without NAME it lists the names and \
marks the default one with an asterisk.

--url, --environment and $EXEC_SERVER_URL go before it; --environment local runs a command here all the same.`,
  examples: ["", "build", "local"],
  flags: {},
  async run({ rest: [name, surplus] }, host) {
    if (surplus !== undefined) throw new UsageError(`"use" takes one name, not also "${surplus}"`);
    try {
      const file = await readNamedEnvironments(codexHost(host));
      if (name === undefined) return await print(host, listOf(file));
      await choose(file, name, host);
      return 0;
    } catch (error) {
      if (!(error instanceof EnvironmentsFileError)) throw error;
      throw new UsageError(error.message, { cause: error });
    }
  },
});

async function choose(file: NamedEnvironments, name: string, host: ProgramHost): Promise<void> {
  const { findNamed } = await import("../machine/named_server.ts");
  if (name !== "none" || file.isMissing) findNamed(file, name);
  // Where there is no file this machine is the only one, and the default.
  if (!file.isMissing) {
    const { setDefaultEnvironment } = await import("../codex/default_environment.ts");
    const { findCodexHome } = await import("../codex/codex_home.ts");
    await setDefaultEnvironment(file.path, await findCodexHome(codexHost(host)), name);
  }
  if (!process.env.EXEC_SERVER_URL) return;
  const text = "exec-server: EXEC_SERVER_URL is set and goes before it\n";
  await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
}

function listOf({ environments, includeLocal, defaultId }: NamedEnvironments): string {
  const rows = environments.map((
    { id, server },
  ) => [id, "url" in server ? server.url : server.argv.join(" ")]);
  if (includeLocal) rows.push(["local", "this machine"]);
  const width = Math.max(0, ...rows.map(([id]) => id!.length));
  return rows.map(([id, where]) =>
    `${id === defaultId ? "*" : " "} ${visibleText(id!.padEnd(width))}  ${visibleText(where!)}\n`
  ).join("");
}
