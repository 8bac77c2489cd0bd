import type { Plan } from "../../../host/confinement.ts";
import type { SpawnRequest } from "../../../host/child_process.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import type { LimitSteps } from "../limits/limit_steps.ts";
import type { CallFailure, CallList } from "../runner/call_list.ts";
import type { NotifiedCalls } from "../notify/notify_steps.ts";
import type { Processor } from "../runner/system_calls.ts";
import type { GivenDescriptors } from "./given_descriptors.ts";
import type { ListeningPlaces } from "./listening_steps.ts";
import type { OwnDescriptors } from "./own_descriptors.ts";

/** A way to make the sandbox of a plan. */
export interface Mechanism {
  /**
   * Finds what it needs; again after a failure, since it may have been installed meanwhile.
   *
   * @throws {NotConfinedError} where it is not there
   */
  ready(): Promise<void>;
  /** How many processes of its own are counted where those of the program are; none by default. */
  readonly ownProcesses?: number;
  /** Composes a start. It is {@linkcode ready} then. */
  compose(start: StartToCompose): ComposedStart;
}

/** What is to be started, and with what. */
export interface StartToCompose {
  readonly processor: Processor;
  readonly plan: Plan;
  readonly program: SpawnRequest;
  /** The program's terminal, where it has one. */
  readonly terminal: string | undefined;
  /** The descriptor of the runner. */
  readonly runner: number;
  /** Where descriptors are put that are closed when the program runs, or does not. */
  readonly descriptors: OwnDescriptors;
  /** What the program is given beside its standard descriptors. */
  readonly given: GivenDescriptors;
  /** What the program may use; as much as it likes by default. */
  readonly limits?: LimitSteps | undefined;
  /** Whether the kernel lets a `/proc` be mounted; the machine's is shown read only otherwise. */
  readonly mountsProc: boolean;
  /** Where the server is to listen in the child's network. */
  readonly listens: ListeningPlaces | undefined;
  /** Which calls of the program wait for the server; none by default. */
  readonly notified?: NotifiedCalls | undefined;
}

/** A start that can be made. */
export interface ComposedStart {
  /** What is started first. */
  readonly first: SpawnRequest;
  /** The descriptors that it is given. */
  readonly passed: readonly PassedDescriptor[];
  /** What the runner does. */
  readonly steps: CallList;
  /** To be called when what is started first runs. */
  started?(): void;
  /**
   * Tells the number of the program, where that is not what is started first, once it runs.
   *
   * @param pid the number of what was started first
   */
  program?(pid: number): Promise<number | undefined> | number | undefined;
  /** To be called when the start is over, however it went. */
  done?(): void;
  /**
   * Words why the sandbox did not come to stand.
   *
   * @param said what came out of it
   * @param failure the step that failed, where it was one
   */
  explain(said: string, failure: CallFailure | undefined): Error;
}
