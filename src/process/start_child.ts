import { mountTable } from "../host/mount_table.ts";
import type { CallShare } from "../host/waiting_calls.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { childEnvironment, type Variables } from "./child_environment.ts";
import type { ChildProcess, ProcessSpawner, SpawnRequest } from "../host/child_process.ts";
import {
  checkDirectoryAtOnce,
  checkDirectoryInTime,
  findProgramAtOnce,
  findProgramInTime,
} from "./find_program.ts";
import { loginShell } from "../host/login_shell.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import type { ChildOptions } from "./child_options.ts";
import { answers, asScript, headAtOnce, headInTime, isText, loadsAtOnce } from "./program_file.ts";
import {
  attempt,
  explainDirectory,
  explainProgram,
  explainSearch,
  rethrow,
  startError,
} from "./start_refusal.ts";

/**
 * Starts a child. At once, as a rule; where its directory, its program or a folder of its PATH lies on a file system that
 * may not answer, or PATH is long, in its own time, so that nobody else waits.
 *
 * @param own the server's environment
 * @param calls in whose share of the threads it waits
 * @throws {StartError} when the operating system refuses
 */
export function startChild(
  spawner: ProcessSpawner,
  options: ChildOptions,
  own: Variables,
  calls: CallShare,
): ChildProcess | Promise<ChildProcess> {
  const { argv: [name = "", ...args], cwd, arg0, terminal, descriptors } = options;
  if (name === "") throw startError(`missing program for ${terminal ? "PTY" : "pipe"} spawn`, undefined);
  const given = childEnvironment(options.env, options.envPolicy, own);
  const made = options.network ? { ...given, ...options.network.variables(given) } : given;
  // Programs that ask which shell to start inside a terminal expect to be told, as a login does.
  const env = terminal && made.SHELL === undefined ? { ...made, SHELL: loginShell() } : made;
  refuseNul(options, env);
  const request = (program: string): SpawnRequest => ({
    program,
    argv0: arg0 ?? name,
    args,
    cwd,
    env,
    descriptors,
  });
  if (options.execs) return calls.run(() => startDecided(spawner, options, request, own));
  if (options.limits && !options.policy) {
    return calls.run(() => startLimited(spawner, options, request, options.limits!));
  }
  if (options.policy) return calls.run(() => startConfined(spawner, options, request, own));
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

/** What it takes is loaded by the first such start. */
async function startConfined(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: (program: string) => SpawnRequest,
  own: Variables,
): Promise<ChildProcess> {
  const { confinedChild } = await import("./confined_child.ts");
  const { limits } = options;
  const free = () =>
    limits ? startLimited(spawner, options, request, limits) : startInTime(spawner, options, request);
  return await confinedChild({ spawner, options, request, home: own.HOME, free });
}

/** The same where somebody decides about what it runs. */
async function startDecided(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: (program: string) => SpawnRequest,
  own: Variables,
): Promise<ChildProcess> {
  const { decidedChild, elsewhere, undecided, worded } = await import("./decided_child.ts");
  const { env } = request("");
  options.execs!.runElsewhere(elsewhere(spawner, options, env, own.HOME));
  const free = () =>
    startInTime(
      spawner,
      options,
      request,
      (request) => decidedChild(spawner, options, request).catch(rethrowAs(undecided)),
    );
  try {
    if (!options.policy) return await free();
    const { confinedChild } = await import("./confined_child.ts");
    return await confinedChild({ spawner, options, request, home: own.HOME, free });
  } catch (error) {
    throw worded(error, options);
  }
}

function rethrowAs(worded: (error: unknown) => unknown): (error: unknown) => never {
  return (error) => {
    throw worded(error);
  };
}

/** The same for limits. */
async function startLimited(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: (program: string) => SpawnRequest,
  limits: ProcessLimits,
): Promise<ChildProcess> {
  const { limitedChild } = await import("./limited_child.ts");
  const { terminal, pipeStdin } = options;
  const spawn = (request: SpawnRequest) =>
    limitedChild(
      spawner,
      limits,
      terminal ? { ...request, size: terminal } : { ...request, stdin: pipeStdin ? "pipe" : "null" },
      () => spawnInTime(spawner, options, request),
    );
  return await startInTime(spawner, options, request, spawn);
}

async function startInTime(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: (program: string) => SpawnRequest,
  spawn = (request: SpawnRequest) => spawnInTime(spawner, options, request),
): Promise<ChildProcess> {
  const { argv: [name = ""], cwd } = options;
  const { env } = request(name);
  await checkDirectoryInTime(cwd).catch(rethrow(explainDirectory(options)));
  const program = await findProgramInTime(name, cwd, env).catch(rethrow(explainSearch(options)));
  await answers(program);
  return await spawnOrInterpret(spawn, request(program)).catch(rethrow(explainProgram(options)));
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
  return await (terminal
    ? inTime.spawnTerminal({ ...request, size: terminal })
    : inTime.spawnPipes({ ...request, stdin: pipeStdin ? "pipe" : "null" }));
}

async function spawnOrInterpret(
  spawn: (request: SpawnRequest) => Promise<ChildProcess>,
  request: SpawnRequest,
): Promise<ChildProcess> {
  try {
    return await spawn(request);
  } catch (error) {
    if (osErrorCode(error) !== "ENOEXEC" || !isText(await headInTime(request.program))) throw error;
    return await spawn(asScript(request));
  }
}

function refuseNul({ argv, arg0 }: ChildOptions, env: Variables): void {
  const index = argv.findIndex((arg) => arg.includes("\0"));
  if (index >= 0) throw startError(`NUL byte found in argv[${index}]`, undefined);
  if (arg0?.includes("\0")) throw startError("NUL byte found in arg0", undefined);
  for (const [name, value] of Object.entries(env)) {
    if (name.includes("\0") || value.includes("\0")) {
      throw startError(`environment variable ${JSON.stringify(name)} cannot be passed on`, undefined);
    }
  }
}
