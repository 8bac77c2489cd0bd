import process from "node:process";
import { commit, target, version } from "../version.ts";
import { refuseForeignBytes } from "./argument_bytes.ts";
import { type Command, defineCommand } from "./command.ts";
import { completions } from "./completions.ts";
import { doctor } from "./doctor.ts";
import { checkGivenLimits } from "./given_limits.ts";
import { commandHelp, helpFlag, programHelp } from "./help.ts";
import { manCommand } from "./man.ts";
import { nearest } from "./nearest.ts";
import { attach } from "./attach.ts";
import { cp } from "./cp.ts";
import { drain } from "./drain.ts";
import { forward } from "./forward.ts";
import { fleet } from "./fleet.ts";
import { gateway } from "./gateway.ts";
import { hosts } from "./hosts.ts";
import { kill } from "./kill.ts";
import { logs } from "./logs.ts";
import { mcp } from "./mcp.ts";
import { parseCommandLine } from "./parse_command_line.ts";
import { exportCommand } from "./export.ts";
import { play } from "./play.ts";
import { record } from "./record.ts";
import { ps } from "./ps.ts";
import { console } from "./console.ts";
import { screen } from "./screen.ts";
import { use } from "./use.ts";
import { wait } from "./wait.ts";
import { print } from "./print.ts";
import { run } from "./run.ts";
import { runStatus } from "./run_status.ts";
import type { ProgramHost } from "./program_host.ts";
import { serve } from "./serve.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

const help = defineCommand({
  name: "help",
  summary: "Tell what this program or one of its commands can do",
  operands: "[COMMAND]",
  about: "program",
  complete: "commands",
  examples: ["", "run"],
  flags: {},
  async run({ rest: [name, surplus] }, host) {
    if (surplus !== undefined) throw new UsageError(`"help" takes one command, not also "${surplus}"`);
    return await print(host, name === undefined ? programHelp(commands) : commandHelp(find(name)));
  },
});

const versionCommand = defineCommand({
  name: "version",
  summary: "Print the version, and what it runs on",
  about: "program",
  examples: [""],
  flags: {},
  run: (_args, host) => print(host, versionText(host)),
});

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...[
    serve,
    run,
    ps,
    logs,
    attach,
    kill,
    wait,
    screen,
    console,
    record,
    exportCommand,
    play,
    cp,
    mcp,
    forward,
    use,
    hosts,
    drain,
    gateway,
    fleet,
    doctor,
  ] as unknown as Command[],
  completions,
  manCommand(() => commands),
  ...[help, versionCommand] as unknown as Command[],
];

/** What other programs call theirs. */
const otherNames: Readonly<Record<string, string>> = {
  exec: "run",
  copy: "cp",
  "port-forward": "forward",
  tunnel: "forward",
  scp: "cp",
  upload: "cp",
  download: "cp",
  start: "serve",
  server: "serve",
  listen: "serve",
  daemon: "serve",
  "exec-server": "serve",
  list: "ps",
  log: "logs",
  stop: "kill",
  rm: "kill",
  check: "doctor",
  completion: "completions",
  manual: "man",
};

/** Follows a command line. @returns the exit status: 2 for a command line that cannot be followed */
export async function runProgram(args: readonly string[], host: ProgramHost): Promise<number> {
  try {
    refuseForeignBytes(args);
    return await dispatch(args, host);
  } catch (error) {
    const usage = error instanceof UsageError;
    const text = `exec-server: ${visibleText(usage ? error.message : failureText(error))}\n`;
    await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
    return usage ? 2 : runStatus.ownFailure;
  }
}

async function dispatch(args: readonly string[], host: ProgramHost): Promise<number> {
  const [name, ...rest] = args;
  if (name === "complete") {
    const { complete } = await import("./complete.ts");
    return await print(host, await complete(commands, rest, host));
  }
  const command = find(byFlag(name) ?? name!);
  const flags = { ...command.flags, ...helpFlag };
  const parsed = parseCommandLine({ ...command, flags }, rest);
  if (parsed.flags.help) return await print(host, commandHelp(command));
  if (command.about !== "program") checkGivenLimits();
  return await command.run(parsed, host);
}

/** The command that a flag in its place, or nothing at all, stands for. */
function byFlag(name: string | undefined): string | undefined {
  if (name === undefined || name === "--help" || name === "-h") return "help";
  return name === "--version" || name === "-V" ? "version" : undefined;
}

function find(name: string): Command {
  const command = commands.find((command) => command.name === name);
  if (command) return command;
  if (name.startsWith("-")) {
    const near = name.startsWith("--") ? nearest(name.slice(2), ["help", "version"]) : undefined;
    const hint = name === "-v" ? "version" : near;
    throw new UsageError(
      `Unknown flag "${name}"; ${
        hint ? `did you mean "--${hint}"?` : 'a command comes first, such as "serve"'
      }`,
    );
  }
  const near = otherNames[name.toLowerCase()] ?? nearest(name, commands.map(({ name }) => name));
  const hint = near === undefined ? "exec-server --help lists them" : `did you mean "${near}"?`;
  throw new UsageError(`Unknown command "${name}"; ${hint}`);
}

function versionText({ name, version: runtimeVersion }: ProgramHost): string {
  const platform = target ?? `${process.platform} ${process.arch}`;
  return `exec-server ${version} (${commit}, ${name} ${runtimeVersion}, ${platform})\n`;
}

function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
