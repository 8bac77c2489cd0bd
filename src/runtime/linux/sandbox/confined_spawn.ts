/** Starts confined children on Linux: by a mechanism that makes the sandbox, and the runner as the last thing in it. */
import { NotConfinedError, type Plan } from "../../../host/confinement.ts";
import type {
  ChildProcess,
  ConfinedSpawnRequest,
  PathSet,
  SpawnRequest,
} from "../../../host/child_process.ts";
import type { Native } from "../../posix/native.ts";
import type { PreparedChild } from "../../posix/prepared_child.ts";
import { PipeOutput } from "../../posix/pipe_output.ts";
import { spawnSession } from "../../posix/posix_spawn.ts";
import { fromCString } from "../../posix/c_strings.ts";
import { listDescriptor, reportDescriptor } from "../runner/layout.ts";
import { runnerProgram } from "../runner/program.ts";
import { type Processor, thisProcessor } from "../runner/system_calls.ts";
import { filterMechanism } from "./filter_mechanism.ts";
import type { ComposedStart, Mechanism } from "./mechanism.ts";
import { memoryFile } from "./memory_file.ts";
import { OwnDescriptors } from "./own_descriptors.ts";
import { PassedListeners } from "./passed_listeners.ts";
import { PlaceholderJournal } from "./placeholder_journal.ts";
import { Placeholders } from "./placeholders.ts";
import { runs } from "./runs.ts";

/** Starts confined children. */
export class ConfinedSpawner {
  readonly #native: Native;
  readonly #mechanism: Mechanism;
  readonly #processor: Processor;
  readonly #placeholders: Placeholders;
  #runner: number | undefined;
  /** Container managers that cover parts of /proc make the kernel refuse another one. */
  #mountsProc = true;

  /**
   * @param mechanism makes the sandboxes of the grade `full`
   * @throws {NotConfinedError} where there is no runner for the processor
   */
  constructor(native: Native, mechanism: Mechanism) {
    this.#native = native;
    this.#mechanism = mechanism;
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
  async start(request: ConfinedSpawnRequest, prepare: () => PreparedChild): Promise<ChildProcess> {
    const mechanism = request.plan.grade === "full" ? this.#mechanism : filterMechanism;
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

  async #attempt(
    request: ConfinedSpawnRequest,
    prepare: () => PreparedChild,
    mechanism: Mechanism,
    mountsProc: boolean,
  ): Promise<ChildProcess> {
    const { plan, child } = request;
    const held = await this.#placeholders.hold(plan.mounts);
    let listeners: PassedListeners | undefined;
    const release = async () => {
      listeners?.close();
      await held.release();
    };
    let isStarted = false;
    const start = () => {
      const prepared = prepare();
      return {
        standard: prepared.standard,
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
      const mounted = { ...plan, mounts: held.mounts };
      return await this.#spawn(mounted, child, start, mechanism, mountsProc, listeners);
    } finally {
      if (!isStarted) await release();
    }
  }

  async #spawn(
    plan: Plan,
    program: SpawnRequest,
    prepare: () => PreparedChild,
    mechanism: Mechanism,
    mountsProc: boolean,
    listeners: PassedListeners | undefined,
  ): Promise<ChildProcess> {
    const { libc, poller } = this.#native;
    using descriptors = new OwnDescriptors(this.#native);
    const runner = this.#runner ??= memoryFile(libc, runnerProgram(this.#processor), "program");
    const report = descriptors.pipe();
    const prepared = prepare();
    let composed: ComposedStart;
    let child: ChildProcess;
    try {
      const terminal = terminalOf(prepared);
      composed = mechanism.compose({
        processor: this.#processor,
        plan,
        program,
        terminal,
        runner,
        descriptors,
        mountsProc,
        listens: listeners?.places,
      });
      const list = descriptors.add(memoryFile(libc, composed.steps.encode(), "data"));
      const passed = [
        ...composed.passed,
        ...listeners?.passed ?? [],
        { source: list, number: listDescriptor },
        { source: report.write, number: reportDescriptor },
      ];
      // On this thread, whose end would be that of whatever it starts: a runtime's others come and go.
      child = prepared.started(spawnSession(libc, composed.first, prepared.standard, passed));
    } catch (error) {
      prepared.failed();
      throw error;
    }
    descriptors.handOver(report.read);
    composed.started?.();
    descriptors[Symbol.dispose]();
    try {
      await runs(new PipeOutput(libc, poller, report.read), composed, child);
      listeners?.accept();
      const group = await composed.program?.(child.pid);
      // Not copied: its exit is still to be asked for.
      return group === undefined ? child : Object.assign(child, { group });
    } finally {
      composed.done?.();
    }
  }
}

function terminalOf({ standard: [stdin] }: PreparedChild): string | undefined {
  const path = typeof stdin === "object" ? fromCString(stdin.path) : undefined;
  return path === "/dev/null" ? undefined : path;
}
