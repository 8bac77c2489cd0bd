import type { StartRequest } from "../machine/exec_backend.ts";
import type { LimitsRequest } from "../machine/limits_request.ts";
import type { ExecPolicyRequest } from "../machine/exec_policy_request.ts";
import type { SandboxRequest } from "../machine/sandbox_request.ts";
import type { EnvPolicy } from "../protocol/schemas/process.ts";

/** What to run. */
export interface RunCommand {
  readonly argv: readonly string[];
  /** A file URI of the server's machine. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the command gets the server's variables too. */
  readonly inheritEnv: boolean;
  /** What it is confined to, with directories as file URIs; nothing by default. */
  readonly sandbox?: SandboxRequest | undefined;
  /** What it may use; as much as it likes by default. */
  readonly limits?: LimitsRequest | undefined;
  /** Who decides about what it and what it starts run; nobody by default. */
  readonly execPolicy?: ExecPolicyRequest | undefined;
  /** Run it on a terminal. */
  readonly tty: boolean;
  /** What others find it by; nothing by default. */
  readonly name?: string | undefined;
}

/** The request that starts a command. */
export function startRequestOf(command: RunCommand): StartRequest & { readonly cwd: string } {
  const { argv, cwd, env, tty, inheritEnv, sandbox, limits, execPolicy, name } = command;
  return {
    argv,
    cwd,
    env,
    tty,
    name,
    sandbox,
    limits,
    execPolicy,
    envPolicy: inheritEnv ? inheritAll : null,
  };
}

const inheritAll: EnvPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};
