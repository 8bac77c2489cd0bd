import type { EnvPolicy, TerminalSize } from "../protocol/schemas/process.ts";
import type { Policy } from "../sandbox/policy.ts";
import type { Variables } from "./child_environment.ts";

/** What a child is to be. */
export interface ChildOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Absolute path of the directory to start in. */
  readonly cwd: string;
  readonly env: Variables;
  readonly envPolicy?: EnvPolicy | undefined;
  /** Variables that it has whatever else it is given. */
  readonly variables?: Variables | undefined;
  /** What the program sees as its argv[0]; the program as it was named by default. */
  readonly arg0?: string | undefined;
  /** A terminal of this size instead of pipes. */
  readonly terminal?: TerminalSize | undefined;
  /** Behind pipes, a writable stdin instead of `/dev/null`. */
  readonly pipeStdin: boolean;
  /** What it is confined to; nothing by default. */
  readonly policy?: Policy | undefined;
}
