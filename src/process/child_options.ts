import type { CaughtNetwork } from "../host/child_process.ts";
import type { NetworkConnection } from "../host/network.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
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
  /** What the program sees as its argv[0]; the program as it was named by default. */
  readonly arg0?: string | undefined;
  /** A terminal of this size instead of pipes. */
  readonly terminal?: TerminalSize | undefined;
  /** Behind pipes, a writable stdin instead of `/dev/null`. */
  readonly pipeStdin: boolean;
  /** What it is confined to; nothing by default. */
  readonly policy?: Policy | undefined;
  /** What it may use; as much as it likes by default. */
  readonly limits?: ProcessLimits | undefined;
  /** What looks after its network. */
  readonly network?: ChildNetwork | undefined;
}

/** Looks after the network of a child. */
export interface ChildNetwork {
  /**
   * Variables that it has whatever it was given.
   *
   * @throws {OperationError} for a child that would have no network
   */
  variables(given: Variables): Variables;
  /** Where the policy gives it a network of its own: the ports of its loopback address that lead out. */
  ports(): readonly number[];
  /** Serves a connection to one of them. */
  serve(port: number, connection: NetworkConnection): void;
  /** Looks after everything else that it connects to, which leads nowhere by default. */
  readonly caught?: CaughtNetwork | undefined;
}
