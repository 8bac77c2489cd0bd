/** Starts confined children on Linux: by bubblewrap, and by the runner as the last thing before the program. */
import { readFileSync } from "node:fs";
import { NotConfinedError, type Plan } from "../../../host/confinement.ts";
import type {
  ChildProcess,
  ConfinedSpawnRequest,
  PathSet,
  SpawnRequest,
} from "../../../host/child_process.ts";
import type { Native } from "../../posix/native.ts";
import { openPipe } from "../../posix/pipe.ts";
import type { PreparedChild } from "../../posix/prepared_child.ts";
import { PipeOutput } from "../../posix/pipe_output.ts";
import { type PassedDescriptor, spawnSession } from "../../posix/posix_spawn.ts";
import { systemError } from "../../posix/system_error.ts";
import type { CallList } from "../runner/call_list.ts";
import { listDescriptor, reportDescriptor } from "../runner/layout.ts";
import { runnerProgram } from "../runner/program.ts";
import { type Processor, thisProcessor } from "../runner/system_calls.ts";
import { bubblewrapOptions } from "./bubblewrap.ts";
import { type Bubblewrap, explainBubblewrap, findBubblewrap } from "./bubblewrap_program.ts";
import { lastSteps, readyByte } from "./last_steps.ts";
import { keepApart, memoryFile } from "./memory_file.ts";
import { PlaceholderJournal } from "./placeholder_journal.ts";
import { Placeholders } from "./placeholders.ts";

/** Bytes of what bubblewrap says that are read. */
const saidBytes = 16 * 1024;

/** Starts confined children. */
export class ConfinedSpawner {
  readonly #native: Native;
  readonly #processor: Processor;
  readonly #placeholders: Placeholders;
  readonly #bubblewrapPath: string | undefined;
  #runner: number | undefined;
  #bubblewrap: Promise<Bubblewrap> | undefined;

  /**
   * @param bubblewrap where it lies, instead of where it is looked for
   * @throws {NotConfinedError} where there is no runner for the processor
   */
  constructor(native: Native, bubblewrap?: string) {
    this.#native = native;
    this.#bubblewrapPath = bubblewrap;
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
    if (request.plan.grade !== "full") return await this.#attempt(request, prepare, undefined);
    const bubblewrap = await this.#find();
    try {
      return await this.#attempt(request, prepare, bubblewrap);
    } catch (error) {
      const isProc = error instanceof NotConfinedError && /mount proc/i.test(error.message);
      if (!isProc || !bubblewrap.mountsProc) throw error;
      // Container managers that cover parts of /proc make the kernel refuse another one.
      const other = { ...bubblewrap, mountsProc: false };
      const child = await this.#attempt(request, prepare, other);
      this.#bubblewrap = Promise.resolve(other);
      return child;
    }
  }

  /** Looked for again after a failure: it may have been installed meanwhile. */
  #find(): Promise<Bubblewrap> {
    this.#bubblewrap ??= findBubblewrap(this.#bubblewrapPath).catch((error) => {
      this.#bubblewrap = undefined;
      throw error;
    });
    return this.#bubblewrap;
  }

  async #attempt(
    { plan, child }: ConfinedSpawnRequest,
    prepare: () => PreparedChild,
    bubblewrap: Bubblewrap | undefined,
  ): Promise<ChildProcess> {
    const held = await this.#placeholders.hold(plan.mounts);
    let isStarted = false;
    const start = () => {
      const prepared = prepare();
      return {
        standard: prepared.standard,
        failed: () => prepared.failed(),
        started(pid: number) {
          isStarted = true;
          const started = prepared.started(pid, { afterExit: held.release });
          // Nobody else could take it over: what it holds in the machine's directories is this program's to remove.
          return Object.assign(started, { descriptors: undefined });
        },
      };
    };
    try {
      return await this.#spawn({ plan: { ...plan, mounts: held.mounts }, child }, start, bubblewrap);
    } finally {
      if (!isStarted) await held.release();
    }
  }

  async #spawn(
    { plan, child: request }: ConfinedSpawnRequest,
    prepare: () => PreparedChild,
    bubblewrap: Bubblewrap | undefined,
  ): Promise<ChildProcess> {
    const { libc, poller } = this.#native;
    using descriptors = new OwnDescriptors(this.#native);
    const runner = this.#runner ??= memoryFile(libc, runnerProgram(this.#processor), "program");
    const report = descriptors.pipe();
    const info = bubblewrap ? descriptors.pipe() : undefined;
    const steps = this.#steps(plan, request, bubblewrap !== undefined, [runner, ...info ? [info.write] : []]);
    const list = descriptors.add(memoryFile(libc, steps.encode(), "data"));
    const own: PassedDescriptor[] = [{ source: runner, number: runner }];
    const runnerPath = `/proc/self/fd/${runner}`;
    let start: SpawnRequest = { ...request, program: runnerPath, argv0: "exec-server", args: [], env: {} };
    if (bubblewrap) {
      const options = [
        ...bubblewrapOptions(plan, request.cwd, bubblewrap),
        ...["--info-fd", String(info!.write)],
      ];
      const text = new TextEncoder().encode(options.map((option) => option + "\0").join(""));
      const args = descriptors.add(memoryFile(libc, text, "data"));
      own.push({ source: args, number: args }, { source: info!.write, number: info!.write });
      // Where the server is does not matter to it, and may be gone.
      start = {
        program: bubblewrap.path,
        argv0: "bwrap",
        args: ["--args", String(args), "--", runnerPath],
        cwd: "/",
        env: {},
      };
    }
    own.push({ source: list, number: listDescriptor }, { source: report.write, number: reportDescriptor });
    const prepared = prepare();
    let child: ChildProcess;
    try {
      // On this thread, whose end would be that of whatever it starts: a runtime's others come and go.
      child = prepared.started(spawnSession(libc, start, prepared.standard, own));
    } catch (error) {
      prepared.failed();
      throw error;
    }
    descriptors.handOver(report.read);
    if (info) descriptors.handOver(info.read);
    descriptors[Symbol.dispose]();
    const told = info && new PipeOutput(libc, poller, info.read);
    const init = told && initOf(told);
    try {
      await runs(new PipeOutput(libc, poller, report.read), steps, child);
      const group = init && programOf(await init);
      // Not copied: its exit is still to be asked for.
      return group === undefined ? child : Object.assign(child, { group });
    } finally {
      told?.cancel();
    }
  }

  #steps(plan: Plan, program: SpawnRequest, isInside: boolean, close: readonly number[]): CallList {
    const onTerminal = "size" in program;
    const group = !isInside ? "as it is" : onTerminal ? "its own, in the foreground" : "its own";
    const env = isInside ? { ...program.env, PWD: program.cwd } : program.env;
    const { filter } = plan;
    return lastSteps({ processor: this.#processor, program: { ...program, env }, filter, group, close });
  }
}

/**
 * Resolves when the program runs.
 *
 * @throws {Error} with `code` where it does not; the sandbox has gone then
 * @throws {NotConfinedError} where the sandbox did not come to stand
 */
async function runs(report: PipeOutput, steps: CallList, child: ChildProcess): Promise<void> {
  let said = new Uint8Array();
  for (let more = await report.read(64); more !== null; more = await report.read(64)) {
    said = Uint8Array.of(...said, ...more);
  }
  const isReady = said[0] === readyByte;
  const failure = said.subarray(isReady ? 1 : 0);
  if (isReady && failure.length === 0) return;
  const [text] = await Promise.all([lastWords(child), child.exit]);
  await child.stdin?.close();
  if (failure.length < 16) throw explainBubblewrap(text);
  const { call, errno } = steps.failure(failure);
  if (call === "execve") throw systemError("execve", errno);
  throw explainBubblewrap(`${call} failed: ${systemError(call, errno).message}`);
}

/** What came out before it ended, of the stream where errors go. */
async function lastWords({ outputs }: ChildProcess): Promise<string> {
  const texts = await Promise.all(outputs.map(async ({ source }) => {
    let text = "";
    const decoder = new TextDecoder();
    for (let bytes = await source.read(saidBytes); bytes; bytes = await source.read(saidBytes)) {
      if (text.length < saidBytes) text += decoder.decode(bytes, { stream: true });
    }
    return text;
  }));
  return texts.join("");
}

/** The machine's number of bubblewrap's process in the namespace. */
async function initOf(info: PipeOutput): Promise<number> {
  let said = "";
  for (let more = await info.read(256); more !== null; more = await info.read(256)) {
    said += new TextDecoder().decode(more);
    if (said.includes("}")) break;
  }
  return Number(/"child-pid": (\d+)/.exec(said)?.[1]);
}

/** That of the program: the only child of that process. */
function programOf(init: number): number | undefined {
  try {
    const [program] = readFileSync(`/proc/${init}/task/${init}/children`, "utf8").trim().split(" ");
    return program ? Number(program) : undefined;
  } catch {
    return undefined; // It has ended.
  }
}

/** Descriptors of one start, closed when it is over, however that ends. */
class OwnDescriptors implements Disposable {
  readonly #native: Native;
  readonly #open = new Set<number>();

  constructor(native: Native) {
    this.#native = native;
  }

  add(descriptor: number): number {
    this.#open.add(descriptor);
    return descriptor;
  }

  /** Somebody else closes it. */
  handOver(descriptor: number): void {
    this.#open.delete(descriptor);
  }

  pipe(): { read: number; write: number } {
    const { libc } = this.#native;
    const { read, write } = openPipe(libc);
    this.add(read);
    this.add(write);
    // Under a number that the child has nothing else under.
    const apart = keepApart(libc, write);
    this.handOver(write);
    return { read, write: this.add(apart) };
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#open) this.#native.libc.c.close(descriptor);
    this.#open.clear();
  }
}
