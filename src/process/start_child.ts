import { mountTable } from "../host/mount_table.ts";
import type { CallShare } from "../host/waiting_calls.ts";
import { internalError, type RpcError } from "../protocol/errors.ts";
import { osErrorCode, osErrorText } from "../protocol/os_errors.ts";
import type { EnvPolicy, TerminalSize } from "../protocol/schemas/process.ts";
import { childEnvironment, type Environment } from "./child_environment.ts";
import type { ChildProcess, ProcessSpawner, SpawnRequest } from "../host/child_process.ts";
import {
  checkDirectoryAtOnce,
  checkDirectoryInTime,
  findProgramAtOnce,
  findProgramInTime,
} from "./find_program.ts";
import { loginShell } from "../host/login_shell.ts";
import { answers, headAtOnce, headInTime, isText, loadsAtOnce } from "./program_file.ts";

/** What a child is to be. */
export interface ChildOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Absolute path of the directory to start in. */
  readonly cwd: string;
  readonly env: Environment;
  readonly envPolicy?: EnvPolicy | undefined;
  /** What the program sees as its argv[0]; the program as it was named by default. */
  readonly arg0?: string | undefined;
  /** A terminal of this size instead of pipes. */
  readonly terminal?: TerminalSize | undefined;
  /** Behind pipes, a writable stdin instead of `/dev/null`. */
  readonly pipeStdin: boolean;
}

/** Runs a script that has no `#!` line. */
const shell = "/bin/sh";

/**
 * Starts a child. At once, as a rule; where its directory, its program or a folder of its PATH lies on a file system that
 * may not answer, or PATH is long, in its own time, so that nobody else waits.
 *
 * @param own the server's environment
 * @param calls in whose share of the threads it waits
 * @throws {RpcError} -32603 when the operating system refuses, with the `kind` that the protocol gives it
 */
export function startChild(
  spawner: ProcessSpawner,
  options: ChildOptions,
  own: Environment,
  calls: CallShare,
): ChildProcess | Promise<ChildProcess> {
  const { argv: [name = "", ...args], cwd, arg0, terminal } = options;
  if (name === "") throw refused(`missing program for ${terminal ? "PTY" : "pipe"} spawn`, undefined);
  const made = childEnvironment(options.env, options.envPolicy, own);
  // Programs that ask which shell to start inside a terminal expect to be told, as a login does.
  const env = terminal && made.SHELL === undefined ? { ...made, SHELL: loginShell() } : made;
  refuseNul(options, env);
  const request = (program: string): SpawnRequest => ({ program, argv0: arg0 ?? name, args, cwd, env });
  // The directory first, so that a missing one is not taken for a missing program.
  const isChecked = attempt(() => checkDirectoryAtOnce(cwd), explainDirectory(options));
  if (isChecked) {
    const program = attempt(() => findProgramAtOnce(name, cwd, env), explainSearch(options));
    if (program !== undefined && loadsAtOnce(program)) {
      return attempt(() => spawnAtOnce(spawner, options, request(program)), explainProgram(options));
    }
  }
  // Whichever of its paths it is, one of them leads to such a file system, where there are any.
  const [remote = cwd] = mountTable.remote;
  return calls.run(() => startInTime(spawner, options, request), remote);
}

async function startInTime(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: (program: string) => SpawnRequest,
): Promise<ChildProcess> {
  const { argv: [name = ""], cwd } = options;
  const { env } = request(name);
  await checkDirectoryInTime(cwd).catch(rethrow(explainDirectory(options)));
  const program = await findProgramInTime(name, cwd, env).catch(rethrow(explainSearch(options)));
  await answers(program);
  return await spawnInTime(spawner, options, request(program)).catch(rethrow(explainProgram(options)));
}

function spawnAtOnce(spawner: ProcessSpawner, options: ChildOptions, request: SpawnRequest): ChildProcess {
  const { terminal, pipeStdin } = options;
  const spawn = (request: SpawnRequest) =>
    terminal
      ? spawner.spawnTerminal({ ...request, size: terminal })
      : spawner.spawnPipes({ ...request, stdin: pipeStdin ? "pipe" : "null" });
  try {
    return spawn(request);
  } catch (error) {
    if (osErrorCode(error) !== "ENOEXEC" || !isText(headAtOnce(request.program))) throw error;
    return spawn(asScript(request));
  }
}

async function spawnInTime(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: SpawnRequest,
): Promise<ChildProcess> {
  const { inTime } = spawner;
  if (!inTime) return spawnAtOnce(spawner, options, request);
  const { terminal, pipeStdin } = options;
  const spawn = (request: SpawnRequest) =>
    terminal
      ? inTime.spawnTerminal({ ...request, size: terminal })
      : inTime.spawnPipes({ ...request, stdin: pipeStdin ? "pipe" : "null" });
  try {
    return await spawn(request);
  } catch (error) {
    if (osErrorCode(error) !== "ENOEXEC" || !isText(await headInTime(request.program))) throw error;
    return await spawn(asScript(request));
  }
}

/** As `execvp` does. */
function asScript(request: SpawnRequest): SpawnRequest {
  return { ...request, program: shell, argv0: shell, args: [request.program, ...request.args] };
}

type Explain = (text: string, code: string | undefined) => RpcError;

const explainDirectory = ({ cwd }: ChildOptions): Explain => (text, code) =>
  refused(`${text}: cannot start in cwd "${cwd}"`, code);

const explainProgram = ({ argv }: ChildOptions): Explain => (text, code) =>
  refused(`${text}: cannot run program "${argv[0]}"${remedies[code ?? ""] ?? ""}`, code);

/** On a terminal the reference server looks in PATH itself, and has no word for what it does not find. */
const explainSearch = (options: ChildOptions): Explain => (text, code) =>
  explainProgram(options)(text, options.terminal && !options.argv[0]!.includes("/") ? undefined : code);

/** What to do about what has nothing to do with the program. */
const remedies: Record<string, string> = {
  EAGAIN:
    "; no more processes may be made: let some end, or raise the limit (ulimit -u, TasksMax, --pids-limit)",
  ENOMEM: "; there is no memory for it: let some processes end",
  EMFILE:
    "; the server has too many files open: close some, let processes end, or raise its limit (ulimit -n)",
  ENFILE: "; this machine has too many files open: close some, or raise fs.file-max",
  E2BIG: "; its arguments and variables together, or one of them, are larger than a program may be given",
};

/** Runs a call of the operating system and words its failure. */
function attempt<T>(call: () => T, explain: Explain): T {
  try {
    return call();
  } catch (error) {
    return rethrow(explain)(error);
  }
}

function rethrow(explain: Explain): (error: unknown) => never {
  return (error) => {
    const code = osErrorCode(error);
    const text = code ? osErrorText(code) : (error as Error).message;
    throw Object.assign(explain(text, code), { cause: error });
  };
}

/** In which of three ways a start failed, as the reference server tells them apart. */
function refused(message: string, code: string | undefined): RpcError {
  const kind = code === "ENOENT"
    ? "spawnNotFound"
    : code === "EACCES" || code === "EPERM"
    ? "spawnPermissionDenied"
    : "spawnFailed";
  return internalError(message, { data: { kind } });
}

function refuseNul({ argv, arg0 }: ChildOptions, env: Environment): void {
  const index = argv.findIndex((arg) => arg.includes("\0"));
  if (index >= 0) throw refused(`NUL byte found in argv[${index}]`, undefined);
  if (arg0?.includes("\0")) throw refused("NUL byte found in arg0", undefined);
  for (const [name, value] of Object.entries(env)) {
    if (name.includes("\0") || value.includes("\0")) {
      throw refused(`environment variable ${JSON.stringify(name)} cannot be passed on`, undefined);
    }
  }
}
