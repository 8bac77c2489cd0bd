import type { CaughtNetwork, ChildProcess } from "../host/child_process.ts";
import type { ExecQuestion, PendingExec, StandardDescriptors } from "../host/pending_exec.ts";
import type { StartError } from "../native/start_error.ts";
import type { NetworkConnection } from "../host/network.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import type { DescriptorRequest } from "../protocol/schemas/descriptors.ts";
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
  /** What it has beside its standard streams; nothing by default. */
  readonly descriptors?: readonly DescriptorRequest[] | undefined;
  /** What it is confined to; nothing by default. */
  readonly policy?: Policy | undefined;
  /** What it may use; as much as it likes by default. */
  readonly limits?: ProcessLimits | undefined;
  /** What looks after its network. */
  readonly network?: ChildNetwork | undefined;
  /** Decides about what it and its descendants run; nobody does by default. */
  readonly execs?: ChildExecs | undefined;
}

/** Decides about what a child and its descendants run. */
export interface ChildExecs {
  decide(exec: PendingExec): void;
  /** Is given what runs programs elsewhere, before there is anything to decide. */
  runElsewhere(start: Elsewhere): void;
  /** Why the child's own program does not run, where that was decided. */
  readonly refusal: StartError | undefined;
}

/** Starts a program in the place of another, with its descriptors. */
export type Elsewhere = (
  program: Omit<ExecQuestion, "pid"> & {
    /** Its whole environment; that of the start by default. */
    readonly env?: Variables | undefined;
    /** What it is confined to; nothing by default. */
    readonly policy?: Policy | undefined;
    readonly standard: StandardDescriptors;
  },
) => Promise<ChildProcess>;

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
