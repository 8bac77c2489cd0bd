/** Children about whose programs somebody decides. */
import type {
  BorrowingSpawnRequest,
  ChildProcess,
  ProcessSpawner,
  SpawnRequest,
} from "../host/child_process.ts";
import { NotConfinedError } from "../host/confinement.ts";
import { UndecidedExecsError } from "../host/pending_exec.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { StartError } from "../native/start_error.ts";
import { confine } from "../sandbox/confine.ts";
import { gradeOf } from "../sandbox/policy.ts";
import type { ChildOptions, Elsewhere } from "./child_options.ts";
import { limitedChild } from "./limited_child.ts";
import { asScript, headInTime, isText } from "./program_file.ts";

/** Starts one that is not confined, and answers when its program runs. */
export async function decidedChild(
  spawner: ProcessSpawner,
  options: ChildOptions,
  request: SpawnRequest,
): Promise<ChildProcess> {
  const { terminal, pipeStdin, limits, execs } = options;
  const { decided } = spawner;
  if (!decided) {
    throw new UndecidedExecsError(
      "this system or runtime lets nobody",
      "use a server on Linux, on Deno or Bun",
    );
  }
  const child = terminal
    ? { ...request, size: terminal }
    : { ...request, stdin: pipeStdin ? "pipe" as const : "null" as const };
  const onExec = execs!.decide.bind(execs);
  if (!limits) return await decided.start({ child, onExec });
  const limited = spawner.limited &&
    {
      ...spawner.limited,
      start: (limits: typeof options.limits) => decided.start({ child, limits, onExec }),
    };
  return await limitedChild({ ...spawner, limited }, limits, child, () => decided.start({ child, onExec }));
}

/**
 * Runs programs in the place of others: by what is known here of them, with what is given them here.
 *
 * @param env what they have of variables, unless that is said with them
 * @param home the server's
 */
export function elsewhere(
  { decided, confined }: ProcessSpawner,
  { limits }: ChildOptions,
  env: SpawnRequest["env"],
  home: string | undefined,
): Elsewhere {
  const start = async (
    child: BorrowingSpawnRequest,
    policy: Parameters<Elsewhere>[0]["policy"],
  ): Promise<ChildProcess> => {
    if (!policy || gradeOf(policy) === "none") return await decided!.start({ child, limits });
    if (!confined) throw new NotConfinedError("there are no sandboxes here", "ask without a sandbox");
    const { plan, cwd } = await confine(policy, {
      cwd: child.cwd,
      temporaryDirectory: child.env.TMPDIR,
      home,
      missing: await confined.placeholders(),
    });
    return await confined.start({ plan, limits, child: { ...child, cwd } });
  };
  return async ({ path, argv: [name = path, ...args], cwd, policy, standard, ...given }) => {
    const request = { program: path, argv0: name, args, cwd, env: given.env ?? env, standard };
    const child = await start(request, policy).catch(async (error) => {
      if (osErrorCode(error) !== "ENOEXEC" || !isText(await headInTime(path))) throw error;
      return await start({ ...asScript(request), standard }, policy);
    });
    if (child.limits) void child.exit.then(() => child.limits!.release());
    return child;
  };
}

/** In the words of a start: why the client's own program does not run, or why nobody can decide. */
export function worded(error: unknown, { execs }: ChildOptions): unknown {
  if (execs?.refusal) return execs.refusal;
  if (error instanceof UndecidedExecsError) return new StartError("other", error.message, { cause: error });
  return error;
}

/** What an unconfined child's last steps fail with is not about a sandbox. */
export function undecided(error: unknown): unknown {
  if (!(error instanceof NotConfinedError)) return error;
  return new UndecidedExecsError(error.reason, error.remedy, { cause: error });
}
