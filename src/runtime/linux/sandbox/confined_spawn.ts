/** Starts confined children on Linux: by a mechanism that makes the sandbox, and the runner as the last thing in it. */
import { NotConfinedError, type Plan } from "../../../host/confinement.ts";
import type { ChildProcess, ConfinedSpawnRequest, PathSet } from "../../../host/child_process.ts";
import type { ProcessLimits } from "../../../host/process_limits.ts";
import type { PreparedChild, Shared } from "../../posix/prepared_child.ts";
import { PipeOutput } from "../../posix/pipe_output.ts";
import { spawnSession } from "../../posix/posix_spawn.ts";
import { fromCString } from "../../posix/c_strings.ts";
import type { ReadyLimits } from "../limits/ready_limits.ts";
import { whyUndecided } from "../execs/undecided.ts";
import { execHandlers } from "../execs/waiting_exec.ts";
import type { CallHandlers } from "../notify/call_listener.ts";
import { PassedCallListener } from "../notify/passed_call_listener.ts";
import type { CallFailure } from "../runner/call_list.ts";
import { listDescriptor } from "../runner/layout.ts";
import { runnerProgram } from "../runner/program.ts";
import { type Processor, thisProcessor } from "../runner/system_calls.ts";
import { filterMechanism } from "./filter_mechanism.ts";
import { GivenDescriptors } from "./given_descriptors.ts";
import type { ComposedStart, Mechanism } from "./mechanism.ts";
import { memoryFile } from "./memory_file.ts";
import { OwnDescriptors } from "./own_descriptors.ts";
import { PassedListeners } from "./passed_listeners.ts";
import { PlaceholderJournal } from "./placeholder_journal.ts";
import { Placeholders } from "./placeholders.ts";
import { runs } from "./runs.ts";

/** Gets limits ready for one child. @throws {UnenforceableLimitError} */
type GetLimitsReady = (limits: ProcessLimits) => Promise<ReadyLimits>;

/** A child to start, what it may use, and who decides about which of its calls. */
export interface RequestWithCalls extends ConfinedSpawnRequest {
  /** All calls that wait for an answer: one child has one listener. None by default. */
  readonly calls?: CallHandlers | undefined;
}

/** The same with the limits that are ready for it. */
type Request = Omit<RequestWithCalls, "limits"> & { readonly ready?: ReadyLimits | undefined };

/** Starts confined children. */
export class ConfinedSpawner {
  readonly #native: Shared;
  readonly #mechanism: Mechanism;
  readonly #readyLimits: GetLimitsReady;
  readonly #processor: Processor;
  readonly #placeholders: Placeholders;
  #runner: number | undefined;
  /** Container managers that cover parts of /proc make the kernel refuse another one. */
  #mountsProc = true;

  /**
   * @param mechanism makes the sandboxes of the grade `full`
   * @param readyLimits gets the limits of one child ready
   * @throws {NotConfinedError} where there is no runner for the processor
   */
  constructor(native: Shared, mechanism: Mechanism, readyLimits: GetLimitsReady) {
    this.#native = native;
    this.#mechanism = mechanism;
    this.#readyLimits = readyLimits;
    if (!thisProcessor) {
      throw new NotConfinedError(
        "there are no sandboxes on this processor",
        "use a server on x86_64 or aarch64",
      );
    }
    this.#processor = thisProcessor;
    this.#placeholders = new Placeholders(new PlaceholderJournal(native.libc));
  }

  /** @see {@linkcode ConfinedStarts.placeholders} */
  placeholders(): PathSet {
    return this.#placeholders.paths();
  }

  /** @see {@linkcode ConfinedStarts.sweep} */
  sweep(): Promise<void> {
    return this.#placeholders.sweep();
  }

  /** @see {@linkcode ConfinedStarts.start} */
  async start(
    { limits, ...request }: RequestWithCalls,
    prepare: () => PreparedChild,
  ): Promise<ChildProcess> {
    if (!limits) return await this.#start(request, prepare);
    const own = this.#mechanismFor(request.plan).ownProcesses ?? 0;
    const processes = limits.processes === undefined ? undefined : limits.processes + own;
    using ready = await this.#readyLimits({ ...limits, processes });
    try {
      const child = await this.#start({ ...request, ready }, prepare);
      // Not copied: its exit is still to be asked for.
      return Object.assign(child, { limits: ready.held });
    } catch (error) {
      ready.held.release();
      throw error;
    }
  }

  async #start(request: Request, prepare: () => PreparedChild): Promise<ChildProcess> {
    const mechanism = this.#mechanismFor(request.plan);
    await mechanism.ready();
    const mountsProc = this.#mountsProc;
    try {
      return await this.#attempt(request, prepare, mechanism, mountsProc);
    } catch (error) {
      const isProc = error instanceof NotConfinedError && /mount proc/i.test(error.message);
      if (!isProc || !mountsProc) throw error;
      const child = await this.#attempt(request, prepare, mechanism, false);
      this.#mountsProc = false;
      return child;
    }
  }

  #mechanismFor({ grade }: Plan): Mechanism {
    return grade === "full" ? this.#mechanism : filterMechanism;
  }

  async #attempt(
    request: Request,
    prepare: () => PreparedChild,
    mechanism: Mechanism,
    mountsProc: boolean,
  ): Promise<ChildProcess> {
    const { plan } = request;
    const held = await this.#placeholders.hold(plan.mounts);
    let listeners: PassedListeners | undefined;
    let calls: PassedCallListener | undefined;
    const release = async () => {
      listeners?.close();
      await held.release();
    };
    let isStarted = false;
    const start = () => {
      const prepared = prepare();
      return {
        standard: prepared.standard,
        passed: prepared.passed,
        failed: () => prepared.failed(),
        started(pid: number) {
          isStarted = true;
          const started = prepared.started(pid, { afterExit: release });
          // Nobody else could take it over: what it holds in the machine's directories is this program's to remove.
          return Object.assign(started, { descriptors: undefined });
        },
      };
    };
    try {
      listeners = PassedListeners.prepare(this.#native, request);
      const handlers = this.#handlers(request);
      calls = handlers && PassedCallListener.prepare(this.#native, { processor: this.#processor, handlers });
      const possible = { ...request, plan: { ...plan, mounts: held.mounts } };
      return await this.#spawn(possible, start, mechanism, mountsProc, { listeners, calls });
    } catch (error) {
      calls?.close();
      throw error;
    } finally {
      if (!isStarted) await release();
    }
  }

  #handlers({ calls, onExec, child }: Request): CallHandlers | undefined {
    if (!onExec) return calls;
    const why = whyUndecided();
    if (why) throw why;
    const { program: path, argv0, args, cwd } = child;
    return { ...calls, ...execHandlers(this.#native, { path, argv: [argv0, ...args], cwd }, onExec) };
  }

  async #spawn(
    { plan, child: program, ready }: Request,
    prepare: () => PreparedChild,
    mechanism: Mechanism,
    mountsProc: boolean,
    { listeners, calls }: Sockets,
  ): Promise<ChildProcess> {
    const { libc, poller } = this.#native;
    using descriptors = new OwnDescriptors(this.#native);
    const runner = this.#runner ??= memoryFile(libc, runnerProgram(this.#processor), "program");
    const report = descriptors.pipe();
    const prepared = prepare();
    const given = new GivenDescriptors(prepared.passed);
    let composed: ComposedStart;
    let child: ChildProcess;
    try {
      const terminal = terminalOf(prepared);
      composed = mechanism.compose({
        processor: this.#processor,
        plan,
        program,
        given,
        terminal,
        limits: ready?.steps,
        runner,
        descriptors,
        mountsProc,
        listens: listeners?.places,
        notified: calls?.steps,
      });
      const list = descriptors.add(memoryFile(libc, composed.steps.encode(), "data"));
      const passed = [
        ...composed.passed,
        ...listeners?.passed ?? [],
        ...calls ? [calls.passed] : [],
        ...ready?.passed ?? [],
        ...given.passed,
        { source: list, number: listDescriptor },
        { source: report.write, number: given.report },
      ];
      // On this thread, whose end would be that of whatever it starts: a runtime's others come and go.
      child = prepared.started(spawnSession(libc, composed.first, prepared.standard, passed));
    } catch (error) {
      prepared.failed();
      throw error;
    }
    descriptors.handOver(report.read);
    composed.started?.();
    calls?.started();
    descriptors[Symbol.dispose]();
    try {
      await runs(new PipeOutput(libc, poller, report.read), explainedBy(composed, ready), child);
      listeners?.accept();
      const group = await composed.program?.(child.pid);
      // Not copied: its exit is still to be asked for.
      return group === undefined ? child : Object.assign(child, { group });
    } finally {
      composed.done?.();
    }
  }
}

/** What a child sends to this program. */
interface Sockets {
  readonly listeners: PassedListeners | undefined;
  readonly calls: PassedCallListener | undefined;
}

function terminalOf({ standard: [stdin] }: PreparedChild): string | undefined {
  const path = typeof stdin === "object" ? fromCString(stdin.path) : undefined;
  return path === "/dev/null" ? undefined : path;
}

/** Limits have words of their own for their steps. */
function explainedBy(start: ComposedStart, ready: ReadyLimits | undefined): ComposedStart {
  if (!ready) return start;
  const explain = (said: string, failure: CallFailure | undefined) =>
    (failure && ready.explain(failure)) ?? start.explain(said, failure);
  return { ...start, explain };
}
