import type { ExecServerClient } from "../client/client.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import type { SandboxRequest } from "../machine/sandbox_request.ts";
import type { RunCommand } from "./run_command.ts";
import type { RunFlags } from "./run_flags.ts";
import { withQuestions } from "./sandbox_flags.ts";
import type { Target } from "./target.ts";
import { asUser } from "./user_command.ts";

/** What the flags and operands of one call say. */
export interface RunPlan {
  readonly flags: RunFlags;
  /** The server, where they say its place and not its name. */
  readonly atUrl: Target | undefined;
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly escapeChar: string | undefined;
  readonly confinement: SandboxRequest | undefined;
  readonly limits: ProcessLimits | undefined;
  readonly timeoutMs: number | undefined;
}

/** @throws {ServerError} where the server knows no processes that others can find */
export async function checkShared(client: ExecServerClient, { detach, name }: RunFlags): Promise<void> {
  if (!detach && name === undefined || client.can("attach")) return;
  const { cannotShare } = await import("../machine/remote/find_process.ts");
  throw cannotShare();
}

/** @param ownDirectory where the command runs that is told no directory, if not where the server does */
export async function commandOf(
  { flags, argv, env, confinement, limits }: RunPlan,
  client: ExecServerClient,
  ownDirectory: string | undefined,
): Promise<RunCommand> {
  const { serverDirectory } = await import("./target.ts");
  const sandbox = confinement && await withQuestions(confinement, flags["ask-network"]);
  return {
    argv: flags.user === undefined ? argv : asUser(flags.user, argv, env),
    cwd: serverDirectory(flags.cwd ?? ownDirectory, client),
    env,
    inheritEnv: !flags["clear-env"],
    sandbox: sandbox && {
      ...sandbox,
      writable: sandbox.writable?.map((directory) => serverDirectory(directory, client)),
    },
    limits,
    execPolicy: flags["ask-exec"] ? await (await import("./exec_questions.ts")).execQuestions() : undefined,
    tty: flags.tty,
    name: flags.name,
  };
}
