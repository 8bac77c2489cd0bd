import process from "node:process";
import { workingDirectory } from "../host/working_directory.ts";
import type { SandboxRequest } from "../machine/sandbox_request.ts";
import { isServerUrl, notServerUrl } from "../transport/server_url.ts";
import { defineCommand, type FlagValues } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { readToken } from "./read_token.ts";
import { StandardInput } from "./standard_input.ts";
import { StartFailure } from "./start_failure.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

const where = "Where to run";
const how = "How to run";
const sandbox = "What it may do";
const sandboxModes = ["read-only", "workspace-write"] as const;
const flags = {
  "url": {
    value: "URL",
    group: where,
    help: "The server: ws://HOST:PORT, wss://HOST:PORT or unix:/PATH",
  },
  "environment": {
    value: "NAME",
    group: where,
    complete: "environments",
    help:
      "The server of this name in $CODEX_HOME/environments.toml, by default the one that it names as default; " +
      "local is this machine",
  },
  "token-file": {
    value: "FILE",
    group: where,
    complete: "files",
    help: "The bearer token for the server, in a file",
  },
  "cwd": {
    value: "DIR",
    group: where,
    complete: "directories",
    help: "The directory to run in: a path on the server; its own directory by default",
  },
  "env": { value: "K=V", group: how, repeat: true, short: "e", help: "Set a variable for the command" },
  "sandbox": {
    value: "MODE",
    group: sandbox,
    complete: sandboxModes,
    help: "Confine the command: read-only, or workspace-write, which may write to its directory and to /tmp",
  },
  "writable": {
    value: "DIR",
    group: sandbox,
    repeat: true,
    complete: "directories",
    help: "Another directory that workspace-write may write to: a path on the server",
  },
  "network": {
    value: "none|full",
    group: sandbox,
    complete: ["none", "full"],
    help: "Which network a confined command has; none by default",
  },
  "clear-env": { group: how, help: "Give the command no other variables than those of --env" },
  "timeout": {
    value: "DURATION",
    group: how,
    help: "End the command after this time (30s, 500ms, 2m, 1h) with status 124",
  },
  "tty": {
    short: "t",
    group: how,
    help: "Run the command on a terminal: editors, shells, everything that talks to people",
  },
  "no-stdin": {
    short: "n",
    group: how,
    help: "Read no standard input and give the command none: in loops over lines, in the background",
  },
  "interactive": {
    short: "i",
    group: how,
    help: "Changes nothing, since standard input is passed on anyway; -it means -t",
  },
  "json": { group: how, help: "Print every event as a line of JSON instead of the output" },
} as const;

type RunFlags = FlagValues<typeof flags>;

/** `exec-server run` */
export const run = defineCommand({
  name: "run",
  summary: "Run one command, here or on a server, and behave like it",
  operands: "-- CMD [ARG...]",
  complete: "command line",
  description:
    `Standard input is passed on, standard output and error come back byte for byte. Ctrl-C and other signals are \
passed on too; a second Ctrl-C kills the command.

Whatever stands on standard input is read at once, also where the command reads none of it: give -n in a loop such as \
"while read line".

With --sandbox the command cannot write outside of what that names, and has no network unless --network full gives it \
one. Where that cannot be had it does not run.

Exit status: the command's own, 128+N when signal N ended it, 124 after --timeout, 125 when exec-server itself failed, \
126 when the command cannot be run, 127 when it is not found.`,
  examples: [
    "-- sh -c 'echo hello; exit 3'",
    "--url ws://127.0.0.1:9000 --cwd /srv/app --env MODE=test --timeout 2m -- make test",
    "--environment build -- make test",
    "--sandbox workspace-write --network none -- make test",
    "-t -- bash",
    "--url wss://build.example.com --token-file token.txt --json -- uname -a",
  ],
  flags,
  async run({ flags, rest }, host) {
    if (!rest[0]) {
      throw new UsageError("run needs a command: exec-server run [FLAGS] -- CMD [ARG...]");
    }
    const url = parseServerUrl(flags.url);
    if (url === undefined && flags["token-file"] !== undefined) {
      throw new UsageError("--token-file is for a server that --url names");
    }
    if (url !== undefined && flags.environment !== undefined) {
      throw new UsageError("--url and --environment both name a server: choose one");
    }
    if (flags.tty && flags.json) {
      throw new UsageError("-t shows a terminal and --json prints events: choose one");
    }
    if (flags.tty && flags["no-stdin"]) {
      throw new UsageError("-t passes on the keys of a terminal and -n reads nothing: choose one");
    }
    if (flags.tty && !process.stdin.isTTY) throw new UsageError("-t needs a terminal on standard input");
    const confinement = parseSandbox(flags);
    const env = { ...terminalVariables(flags.tty), ...parseEnv(flags.env) };
    const timeoutMs = flags.timeout === undefined ? undefined : parseDuration("timeout", flags.timeout);
    const token = flags["token-file"] === undefined
      ? undefined
      : readToken("token-file", flags["token-file"]);
    try {
      // Before anything else takes time: what is there is taken every time, or never.
      using input = flags["no-stdin"] ? undefined : new StandardInput();
      // Only this command is a client.
      const { namedServer, openTarget, serverDirectory } = await import("./target.ts");
      const { runProcess } = await import("./run_process.ts");
      const server = url === undefined ? await namedServer(flags.environment, host) : { url, token };
      await using target = await openTarget(server, host);
      const { client } = target;
      const cwd = flags.cwd ?? (server === "local" ? workingDirectory() : undefined);
      return await runProcess(client, {
        argv: rest,
        input,
        cwd: serverDirectory(cwd, client),
        env,
        inheritEnv: !flags["clear-env"],
        sandbox: confinement && {
          ...confinement,
          writable: confinement.writable?.map((directory) => serverDirectory(directory, client)),
        },
        timeoutMs,
        tty: flags.tty,
        json: flags.json,
        write: host.writeStandard,
      });
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      const text = `exec-server: ${visibleText(error.message)}\n`;
      await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
      return error.status;
    }
  },
});

/** @throws {UsageError} for what means nothing together */
function parseSandbox({ sandbox: mode, writable, network }: RunFlags): SandboxRequest | undefined {
  if (mode === undefined) {
    if (writable.length > 0) {
      throw new UsageError("--writable is for a command with --sandbox workspace-write");
    }
    if (network !== undefined) throw new UsageError("--network is for a command with --sandbox");
    return undefined;
  }
  if (mode !== "read-only" && mode !== "workspace-write") {
    throw new UsageError(`--sandbox takes ${sandboxModes.join(" or ")}, not "${mode}"`);
  }
  if (mode === "read-only" && writable.length > 0) {
    throw new UsageError("--writable is for --sandbox workspace-write: read-only writes nowhere");
  }
  if (network !== undefined && network !== "none" && network !== "full") {
    throw new UsageError(`--network takes none or full, not "${network}"`);
  }
  return { mode, writable, network };
}

function parseServerUrl(text: string | undefined): string | undefined {
  if (text === undefined || isServerUrl(text)) return text;
  throw new UsageError(`--url ${notServerUrl(text)}`);
}

/** What a program on a terminal must know of the one it is shown on. */
function terminalVariables(tty: boolean): Record<string, string> {
  const { TERM = "xterm-256color", COLORTERM } = process.env;
  return tty ? { TERM, ...(COLORTERM === undefined ? {} : { COLORTERM }) } : {};
}

function parseEnv(assignments: RunFlags["env"]): Record<string, string> {
  return Object.fromEntries(assignments.map((assignment) => {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw new UsageError(`--env takes K=V, not "${assignment}"`);
    return [assignment.slice(0, equals), assignment.slice(equals + 1)];
  }));
}
