import { NotConfinedError, type Plan } from "../host/confinement.ts";
import type { ChildProcess, ProcessSpawner, SpawnRequest } from "../host/child_process.ts";
import { UndecidedExecsError } from "../host/pending_exec.ts";
import { UnenforceableLimitError } from "../host/process_limits.ts";
import { CONFINED_START_ATTEMPTS } from "../limits.ts";
import { StartError } from "../native/start_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { confine } from "../sandbox/confine.ts";
import { gradeOf } from "../sandbox/policy.ts";
import { seemsDenied } from "../sandbox/seems_denied.ts";
import { UnenforceableError } from "../sandbox/unenforceable_error.ts";
import type { ChildNetwork, ChildOptions } from "./child_options.ts";
import { checkDirectoryInTime, findProgramInTime } from "./find_program.ts";
import { watched, worded as limitWorded } from "./limited_child.ts";
import { asScript, headInTime, isText } from "./program_file.ts";
import { explainDirectory, explainProgram, explainSearch, rethrow } from "./start_refusal.ts";

/** What a confined start needs. */
export interface ConfinedStart {
  readonly spawner: ProcessSpawner;
  readonly options: ChildOptions;
  /** What a child is started with, given the path of its program. */
  readonly request: (program: string) => SpawnRequest;
  /** The server's home. */
  readonly home: string | undefined;
  /** Starts it without a sandbox, for a policy that takes nothing away. */
  readonly free: () => Promise<ChildProcess>;
}

/**
 * Starts a child under a policy, and answers when its program runs. It is never started with less than the policy asks for.
 *
 * @throws {StartError} for a policy that cannot be obeyed here, and as any start
 */
export async function confinedChild(start: ConfinedStart): Promise<ChildProcess> {
  try {
    // Not copied: its exit is still to be asked for.
    return Object.assign(watched(await startedChild(start)), { seemsDenied });
  } catch (error) {
    throw worded(error);
  }
}

async function startedChild({ spawner, options, request, home, free }: ConfinedStart): Promise<ChildProcess> {
  const { cwd, policy, limits, argv: [name = ""] } = options;
  const { env } = request(name);
  await checkDirectoryInTime(cwd).catch(rethrow(explainDirectory(options)));
  if (gradeOf(policy!) === "none") return await free();
  const { confined } = spawner;
  if (!confined) {
    throw new NotConfinedError(
      "there are no sandboxes on this system or runtime",
      "use a server on Linux, on Deno or Bun",
    );
  }
  const program = await findProgramInTime(name, cwd, env).catch(rethrow(explainSearch(options)));
  const { terminal, pipeStdin, network, execs } = options;
  const spawn = async (request: SpawnRequest) => {
    const confinement = await confine(policy!, {
      cwd,
      temporaryDirectory: env.TMPDIR,
      home,
      missing: await confined.placeholders(),
    });
    const child = { ...request, cwd: confinement.cwd };
    return await confined.start({
      plan: network ? planWith(network, confinement.plan) : confinement.plan,
      limits,
      caught: network?.caught,
      onExec: execs && ((exec) => execs.decide(exec)),
      onConnection: network && ((port, connection) => network.serve(port, connection)),
      child: terminal ? { ...child, size: terminal } : { ...child, stdin: pipeStdin ? "pipe" : "null" },
    });
  };
  return await spawnOrInterpret(spawn, request(program)).catch((error) => {
    if (error instanceof NotConfinedError || error instanceof UnenforceableError) throw error;
    if (error instanceof UndecidedExecsError) throw error;
    if (error instanceof UnenforceableLimitError) throw limitWorded(error);
    return rethrow(explainProgram(options))(error);
  });
}

function planWith(network: ChildNetwork, plan: Plan): Plan {
  return { ...plan, listens: network.ports(), isTransparent: network.caught !== undefined };
}

async function spawnOrInterpret(
  spawn: (request: SpawnRequest) => Promise<ChildProcess>,
  request: SpawnRequest,
): Promise<ChildProcess> {
  for (let attempts = 1;; attempts++) {
    try {
      return await spawnOnce(spawn, request);
    } catch (error) {
      const isStale = error instanceof NotConfinedError && error.isStale;
      if (!isStale || attempts >= CONFINED_START_ATTEMPTS) throw error;
    }
  }
}

async function spawnOnce(
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

/** In the kinds of the reference server. */
function worded(error: unknown): unknown {
  if (error instanceof NotConfinedError) {
    return new StartError("sandboxUnavailable", error.message, { cause: error });
  }
  if (error instanceof UnenforceableError) {
    const message = `This server cannot confine a process: ${error.message}`;
    return new StartError("sandboxPreparation", message, { cause: error });
  }
  return error;
}
