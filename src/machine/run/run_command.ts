import type { ExecBackend, ExecProcess } from "../exec_backend.ts";
import type { MachineInfo } from "../machine_info.ts";
import { bytesOf } from "../start_request.ts";
import { unsupportedError } from "../machine_error.ts";
import { argvOf, withInputOf } from "./command_line.ts";
import { checkRun, type Command, type RunOptions } from "./run_options.ts";
import { RunningCommand } from "./running_command.ts";

/** Where a command is run. */
export interface RunPlace {
  readonly exec: ExecBackend;
  readonly info: MachineInfo;
}

/** Begins to run a command. Whatever is wrong with it comes with its result. */
export function runCommand(place: RunPlace, command: Command, options: RunOptions): RunningCommand {
  // What is no object is refused below, and is no options until then.
  const given = typeof options === "object" && options !== null ? options : {};
  // deno-lint-ignore require-await -- a failure must come as a rejection
  return new RunningCommand(command, given, async () => {
    checkRun(command, options);
    return start(place, command, options);
  });
}

function start({ exec, info }: RunPlace, command: Command, options: RunOptions): Promise<ExecProcess> {
  const { cwd, env, input, sandbox, user } = options;
  if (sandbox && user !== undefined) {
    throw unsupportedError(
      "a command cannot both be confined and run as another user: leave out sandbox or user",
    );
  }
  const argv = argvOf(command, info, options);
  const endsInput = input === undefined || info.capabilities.processCloseStdin === true;
  return exec.start({
    argv: endsInput ? argv : withInputOf(lengthOf(input), argv),
    cwd,
    env,
    sandbox,
    pipeStdin: input !== undefined,
  });
}

function lengthOf(input: NonNullable<RunOptions["input"]>): number {
  if (typeof input === "string" || input instanceof Uint8Array) return bytesOf(input).length;
  throw unsupportedError(
    "this server cannot end a process's input (processCloseStdin): give the input as one text or as bytes",
  );
}
