import process from "node:process";
import { closestString } from "../std/text/closest_string.ts";
import { commit, target, version } from "../version.ts";
import { refuseForeignBytes } from "./argument_bytes.ts";
import type { Command } from "./command.ts";
import { completionsCommand } from "./completions.ts";
import { doctor } from "./doctor.ts";
import { commandHelp, helpFlag, programHelp } from "./help.ts";
import { manCommand } from "./man.ts";
import { parseCommandLine } from "./parse_command_line.ts";
import { print } from "./print.ts";
import { run } from "./run.ts";
import { runStatus } from "./run_status.ts";
import type { Runtime } from "./runtime.ts";
import { serve } from "./serve.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...[serve, run, doctor] as unknown as Command[],
  completionsCommand(() => commands),
  manCommand(() => commands),
];

/** Follows a command line. @returns the exit status: 2 for a command line that cannot be followed */
export async function runProgram(args: readonly string[], runtime: Runtime): Promise<number> {
  try {
    refuseForeignBytes(args);
    return await dispatch(args, runtime);
  } catch (error) {
    const usage = error instanceof UsageError;
    const text = `exec-server: ${visibleText(usage ? error.message : failureText(error))}\n`;
    await runtime.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
    return usage ? 2 : runStatus.ownFailure;
  }
}

async function dispatch(args: readonly string[], runtime: Runtime): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return await print(
      runtime,
      name === "help" && rest[0] !== undefined ? commandHelp(find(rest[0])) : programHelp(commands),
    );
  }
  if (name === "--version" || name === "-V" || name === "version") {
    return await print(runtime, versionText(runtime));
  }
  const command = find(name);
  const flags = { ...command.flags, ...helpFlag };
  const parsed = parseCommandLine({ ...command, flags }, rest);
  if (parsed.flags.help) return await print(runtime, commandHelp(command));
  return await command.run(parsed, runtime);
}

function find(name: string): Command {
  const command = commands.find((command) => command.name === name);
  if (command) return command;
  const nearest = closestString(name, commands.map(({ name }) => name));
  throw new UsageError(
    name.startsWith("-")
      ? `Unknown flag "${name}"; a command comes first, such as "${commands[0]!.name}"`
      : `Unknown command "${name}"; the nearest is "${nearest}"`,
  );
}

function versionText({ name, version: runtimeVersion }: Runtime): string {
  const platform = target ?? `${process.platform} ${process.arch}`;
  return `exec-server ${version} (${commit}, ${name} ${runtimeVersion}, ${platform})\n`;
}

function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
