import { defineCommand } from "./command.ts";
import { envFlags, parseEnv } from "./env_flags.ts";
import { limitFlags, limitsOf } from "./limit_flags.ts";
import { parseSandbox, sandboxFlags } from "./sandbox_flags.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const { "ask-network": _, ...confinedBy } = sandboxFlags;

const flags = {
  ...serverFlags,
  "also": {
    value: "NAME",
    group: "Where",
    repeat: true,
    complete: "environments",
    help:
      "Beside the server that is named, another machine that tools may name: one of environments.toml, or local",
  },
  "cwd": {
    value: "DIR",
    short: "w",
    group: "Where",
    complete: "directories",
    help:
      "Where commands start and relative paths begin on the default machine; its own directory by default",
  },
  ...confinedBy,
  "read-only": {
    group: "What it may do",
    help: "Offer only what changes nothing: to list, to read output and files, and to look at screens",
  },
  ...limitFlags,
  ...envFlags,
} as const;

/** `exec-server mcp` */
export const mcp = defineCommand({
  name: "mcp",
  summary: "Be an MCP server: tools for an agent to run commands and work with files on machines",
  description:
    `An agent starts it and speaks MCP with it on standard input and output. Its tools run, start, read, write to, look at \
and signal processes, and read, write and copy files.

Where no server is named, tools may work on this machine and on every one of environments.toml, and with --fleet on every \
host of a fleet. A server that is named, by a flag or by EXEC_SERVER_URL, is the only one, but for those of --also.

--sandbox, --network and the like bind every command and every change of a file that a tool makes, whatever the agent asks \
for: with --sandbox workspace-write these are in the directory of --cwd, in /tmp, and in each --writable.

It ends when the agent closes its standard input, and with it the processes that it started, but for those that were told \
to be kept on a server.`,
  examples: [
    "",
    "--url ws://127.0.0.1:9000 --cwd /srv/app",
    "--environment build --also local",
    "--sandbox workspace-write --network none --cwd ~/project",
    "--read-only --url wss://build.example.com --token-file token.txt",
  ],
  flags,
  async run({ flags }, host) {
    if (flags["read-only"] && flags.sandbox !== undefined) {
      throw new UsageError("--read-only leaves no tool that --sandbox could confine: choose one");
    }
    const confinement = {
      isReadOnly: flags["read-only"],
      sandbox: parseSandbox({ ...flags, "ask-network": false, tty: false, detach: false }),
      limits: limitsOf(flags),
      env: parseEnv({ ...flags, tty: false }),
    };
    const { mcpMachines } = await import("./mcp_machines.ts");
    await using choices = await mcpMachines(flags, host);
    const { serveMcp } = await import("./serve_mcp.ts");
    return await serveMcp(choices, confinement, host);
  },
});
