import process from "node:process";
import { workingDirectory } from "../host/working_directory.ts";
import type { SandboxRequest } from "../machine/sandbox_request.ts";
import { defineCommand, type FlagValues } from "./command.ts";
import type { LocalRecording } from "./local_recording.ts";
import { escapeFlag, EscapeLine, parseEscapeChar } from "./escape_line.ts";
import { parseDuration } from "./duration.ts";
import { asksAtStandardInput, networkFlags, parseNetwork } from "./network_flags.ts";
import { limitFlags, limitsOf } from "./limit_flags.ts";
import { print } from "./print.ts";
import { readText } from "./read_token.ts";
import { sshMachine } from "../transport/ssh_url.ts";
import { endsWithCommand, serverAtUrl, serverFlags } from "./server_flags.ts";
import { StandardInput } from "./standard_input.ts";
import { StartFailure } from "./start_failure.ts";
import { UsageError } from "./usage_error.ts";
import { asUser } from "./user_command.ts";
import { visibleText } from "./visible_text.ts";

const where = "Where";
const how = "How to run";
const sandbox = "What it may do";
const sandboxModes = ["read-only", "workspace-write"] as const;
const flags = {
  ...serverFlags,
  "yes": {
    group: where,
    help: "With ssh://, copy exec-server to a machine that has none, without asking",
  },
  "binary": {
    value: "FILE",
    group: where,
    complete: "files",
    help:
      "With ssh://, the exec-server to copy; this program's own by default, where the machine is of its kind",
  },
  "cwd": {
    value: "DIR",
    short: "w",
    group: where,
    complete: "directories",
    help: "The directory to run in: a path on the server; its own directory by default",
  },
  "env": { value: "K=V", group: how, repeat: true, short: "e", help: "Set a variable for the command" },
  "env-file": {
    value: "FILE",
    group: how,
    complete: "files",
    help: "Set the variables of a file: K=V on each line; empty ones and those with # in front count nothing",
  },
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
  ...networkFlags,
  ...limitFlags,
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
  ...escapeFlag,
  "user": {
    value: "USER",
    short: "u",
    group: how,
    help: "Run it as another user of the server's machine, which needs a server that runs as root",
  },
  "detach": {
    short: "d",
    group: how,
    help:
      "Start it to run on with the server, print its name or handle, and end: for logs, attach, wait and kill",
  },
  "name": {
    value: "NAME",
    group: how,
    help: "What ps, logs, attach, wait and kill find it by while it runs",
  },
  "no-stdin": {
    short: "n",
    group: how,
    help: "Read no standard input and give the command none: in loops over lines, in the background",
  },
  "interactive": {
    short: "i",
    group: how,
    help:
      "With -d, keep its standard input open for who attaches; else nothing, since it is passed on anyway",
  },
  "record": {
    value: "FILE",
    group: how,
    complete: "files",
    help: "Record what it prints, with the times, as an asciicast file, which must not exist",
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

With -t, ~. at the start of a line ends the command, and ~? tells what else there is.

With --sandbox the command cannot write outside of what that names, and has no network unless --network full gives it \
one, or --allow-domain, --deny-domain and --ask-network one of chosen hosts. Where that cannot be had it does not run. \
With --ask-network a terminal on standard input is for answers, and not passed on. With --memory, --cpus and --pids it \
gets no more than that, or does not run.

Exit status: the command's own, 128+N when signal N ended it, 124 after --timeout, 125 when exec-server itself failed, \
126 when the command cannot be run, 127 when it is not found.`,
  examples: [
    "-- sh -c 'echo hello; exit 3'",
    "--url ws://127.0.0.1:9000 --cwd /srv/app --env MODE=test --timeout 2m -- make test",
    "--environment build -- make test",
    "--sandbox workspace-write --network none -- make test",
    "--sandbox workspace-write --allow-domain packages.example.com --ask-network -- npm ci",
    "-it -- bash",
    "--url ssh://build -- make test",
    "-d --name build --url ws://127.0.0.1:9000 -- make test",
    "--url wss://build.example.com --token-file token.txt --json -- uname -a",
  ],
  flags,
  async run({ flags, rest }, host) {
    if (!rest[0]) {
      throw new UsageError("run needs a command: exec-server run [FLAGS] -- CMD [ARG...]");
    }
    const atUrl = serverAtUrl(flags);
    if (flags.tty && flags.json) {
      throw new UsageError("-t shows a terminal and --json prints events: choose one");
    }
    if (flags.tty && flags["no-stdin"]) {
      throw new UsageError("-t passes on the keys of a terminal and -n reads nothing: choose one");
    }
    if (flags.detach) checkDetached(flags);
    else if (flags.tty && !process.stdin.isTTY) throw new UsageError("-t needs a terminal on standard input");
    const escapeChar = parseEscapeChar(flags["escape-char"]);
    const confinement = parseSandbox(flags);
    if (flags.user !== undefined && confinement) {
      throw new UsageError("--user needs root's rights, which --sandbox takes away: choose one");
    }
    const limits = limitsOf(flags);
    const env = { ...terminalVariables(flags.tty), ...envFile(flags["env-file"]), ...parseEnv(flags.env) };
    const timeoutMs = flags.timeout === undefined ? undefined : parseDuration("timeout", flags.timeout);
    try {
      // Before anything else takes time: what is there is taken every time, or never.
      const isPassedOn = !flags["no-stdin"] && !flags.detach && !asksAtStandardInput(flags);
      using input = isPassedOn ? new StandardInput() : undefined;
      // Only this command is a client.
      const { namedServer, openTarget, serverDirectory } = await import("./target.ts");
      const { runProcess } = await import("./run_process.ts");
      const server = atUrl ?? await namedServer(flags, host);
      const isOverSsh = atUrl !== undefined && "url" in atUrl && sshMachine(atUrl.url) !== undefined;
      if (!isOverSsh && (flags.yes || flags.binary !== undefined)) {
        throw new UsageError("--yes and --binary are for --url ssh://HOST");
      }
      if (flags.detach && isOverSsh) throw endsWithCommand();
      if (flags.detach && server === "local") {
        throw new UsageError(
          "-d needs a server that goes on: name it by --url, --environment or EXEC_SERVER_URL",
        );
      }
      // What is counted in groups is in one of this program's, and ends with it.
      if (limits && server === "local") await host.spawner.programEnd?.watch();
      await using target = await openTarget(server, host, flags);
      const { client } = target;
      await using recording = await recordingOf(flags);
      if ((flags.detach || flags.name !== undefined) && !client.can("attach")) {
        const { cannotShare } = await import("../machine/remote/find_process.ts");
        throw cannotShare();
      }
      const asked = confinement && await withQuestions(confinement, flags["ask-network"]);
      const cwd = flags.cwd ?? (server === "local" ? workingDirectory() : undefined);
      const command = {
        argv: flags.user === undefined ? rest : asUser(flags.user, rest, env),
        cwd: serverDirectory(cwd, client),
        env,
        inheritEnv: !flags["clear-env"],
        sandbox: asked && {
          ...asked,
          writable: asked.writable?.map((directory) => serverDirectory(directory, client)),
        },
        limits,
        tty: flags.tty,
        name: flags.name,
      };
      if (flags.detach) {
        const { runDetached } = await import("./run_detached.ts");
        const known = await runDetached(client, { ...command, keepsInput: flags.interactive });
        return await print(host, `${known}\n`);
      }
      return await runProcess(client, {
        ...command,
        input,
        escapes: flags.tty && escapeChar !== undefined ? new EscapeLine(escapeChar) : undefined,
        timeoutMs,
        recording,
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
function parseSandbox(flags: RunFlags): SandboxRequest | undefined {
  const { sandbox: mode, writable } = flags;
  if (mode === undefined) {
    if (writable.length > 0) {
      throw new UsageError("--writable is for a command with --sandbox workspace-write");
    }
    parseNetwork(flags, false);
    return undefined;
  }
  if (mode !== "read-only" && mode !== "workspace-write") {
    throw new UsageError(`--sandbox takes ${sandboxModes.join(" or ")}, not "${mode}"`);
  }
  if (mode === "read-only" && writable.length > 0) {
    throw new UsageError("--writable is for --sandbox workspace-write: read-only writes nowhere");
  }
  return { mode, writable, network: parseNetwork(flags, true) };
}

/** @throws {UsageError} where there is no terminal to ask at */
async function withQuestions(sandbox: SandboxRequest, asks: boolean): Promise<SandboxRequest> {
  if (!asks || typeof sandbox.network !== "object") return sandbox;
  const { askAtTerminal } = await import("./network_questions.ts");
  return { ...sandbox, network: { ...sandbox.network, ask: await askAtTerminal() } };
}

/** @throws {UsageError} where there can be no such file */
async function recordingOf({ record, tty, name }: RunFlags): Promise<LocalRecording | undefined> {
  if (record === undefined) return undefined;
  const { LocalRecording } = await import("./local_recording.ts");
  const { columns: cols, rows } = process.stdout;
  const size = tty && cols && rows ? { cols, rows } : undefined;
  return await LocalRecording.create(record, { tty, size, name });
}

/** @throws {UsageError} for what needs somebody who stays */
function checkDetached({ json, timeout, record, "no-stdin": noStdin, interactive }: RunFlags): void {
  if (json) throw new UsageError("-d prints a name, and --json events: choose one");
  if (timeout !== undefined) {
    throw new UsageError("-d leaves the command, so that nobody is there for --timeout");
  }
  if (record !== undefined) {
    throw new UsageError(
      "-d leaves the command, so that nobody is there for --record; see exec-server record",
    );
  }
  if (noStdin && interactive) {
    throw new UsageError("-i keeps standard input open and -n gives none: choose one");
  }
}

/** What a program on a terminal must know of the one it is shown on. */
function terminalVariables(tty: boolean): Record<string, string> {
  const { TERM = "xterm-256color", COLORTERM } = process.env;
  return tty ? { TERM, ...(COLORTERM === undefined ? {} : { COLORTERM }) } : {};
}

/** @throws {UsageError} for a file that cannot be read, and for a line that means nothing */
function envFile(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const lines = readText("env-file", file).split(/\r?\n/).entries();
  return Object.fromEntries(
    [...lines].filter(([, line]) => /^\s*[^\s#]/.test(line)).map(([index, line]) => {
      const equals = line.indexOf("=");
      if (equals >= 1) return [line.slice(0, equals).trim(), line.slice(equals + 1)];
      throw new UsageError(`--env-file: line ${index + 1} of "${file}" is not K=V`);
    }),
  );
}

function parseEnv(assignments: RunFlags["env"]): Record<string, string> {
  return Object.fromEntries(assignments.map((assignment) => {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw new UsageError(`--env takes K=V, not "${assignment}"`);
    return [assignment.slice(0, equals), assignment.slice(equals + 1)];
  }));
}
