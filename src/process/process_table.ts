import { PROCESSES_PER_SESSION } from "../limits.ts";
import { internalError, invalidParams, invalidRequest } from "../protocol/errors.ts";
import type { ProcessId } from "../protocol/ids.ts";
import { osErrorCode, osErrorText } from "../protocol/os_errors.ts";
import type { EnvPolicy, TerminalSize } from "../protocol/schemas/process.ts";
import { childEnvironment, type Environment } from "./child_environment.ts";
import type { ChildProcess, ProcessSpawner, SpawnRequest } from "./child_process.ts";
import { checkDirectory, findProgram } from "./find_program.ts";
import { ClosedOutput } from "./closed_output.ts";
import { ClosedProcesses } from "./closed_processes.ts";
import { loginShell } from "./login_shell.ts";
import { ManagedProcess } from "./managed_process.ts";

/** How to start a process. */
export interface StartOptions {
  readonly id: ProcessId;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Absolute path of the directory to start in. */
  readonly cwd: string;
  readonly env: Environment;
  readonly envPolicy?: EnvPolicy | undefined;
  /** What the program sees as its argv[0]; the program as it was named by default. */
  readonly arg0?: string | undefined;
  /** A terminal of this size instead of pipes. */
  readonly terminal?: TerminalSize | undefined;
  /** Behind pipes, a writable stdin instead of `/dev/null`. */
  readonly pipeStdin: boolean;
}

/** The processes of one session by the client's names: starting, running, and closed ones until they are forgotten. */
export class ProcessTable {
  readonly #spawner: ProcessSpawner;
  readonly #environment: Environment;
  readonly #processes = new Map<ProcessId, ManagedProcess>();
  readonly #closed = new ClosedProcesses((process) => this.#forget(process));
  readonly #closedOutput: ClosedOutput;
  #disposed = false;

  /**
   * @param environment the server's own, for children that inherit it
   * @param closedOutput shared by tables whose closed processes have one bound together
   */
  constructor(spawner: ProcessSpawner, environment: Environment, closedOutput = new ClosedOutput()) {
    this.#spawner = spawner;
    this.#environment = environment;
    this.#closedOutput = closedOutput;
  }

  /** How many are known. */
  get size(): number {
    return this.#processes.size;
  }

  /** Whether any has not closed yet. */
  get isActive(): boolean {
    return this.#processes.size > this.#closed.size;
  }

  /** The process of this name, if it is known. */
  get(id: ProcessId): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  /** Every process that is known. */
  values(): Iterable<ManagedProcess> {
    return this.#processes.values();
  }

  /**
   * Starts a process. A failed start leaves nothing behind.
   *
   * @throws {RpcError} -32602 for an empty argv, -32600 for a name in use, too many processes or a session that has
   * ended, -32603 when the operating system refuses
   */
  start(options: StartOptions): ManagedProcess {
    const { id, argv } = options;
    if (argv.length === 0) throw invalidParams("argv must not be empty");
    if (this.#disposed) throw invalidRequest("the session has ended");
    if (this.#processes.has(id)) throw invalidRequest(`process ${id} already exists`);
    this.#makeRoom();
    const process = new ManagedProcess(id, this.#spawn(options), options.terminal);
    this.#processes.set(id, process);
    process.closed.then(() => this.#keep(process));
    return process;
  }

  /**
   * Kills everything and forgets it. Resolves when every child has been reaped.
   *
   * @throws {AggregateError} when all others have been, for those that the operating system does not let this program kill,
   * such as a `sudo`
   */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const all = [...this.#processes.values()];
    for (const process of all) process.forget();
    const refusals = ManagedProcess.terminateAll(all);
    await Promise.all(all.filter((process) => !refusals.has(process)).map(({ closed }) => closed));
    this.#closed.clear();
    this.#processes.clear();
    const [reason] = refusals.values();
    if (reason === undefined) return;
    const text = `Cannot kill ${refusals.size} of ${all.length} processes: ${reason.message}`;
    throw new AggregateError(refusals.values(), text);
  }

  #spawn(options: StartOptions): ChildProcess {
    const [name = "", ...args] = options.argv;
    if (name === "") throw internalError(`missing program for ${options.terminal ? "PTY" : "pipe"} spawn`);
    const made = childEnvironment(options.env, options.envPolicy, this.#environment);
    // Programs that ask which shell to start inside a terminal expect to be told, as a login does.
    const env = options.terminal && made.SHELL === undefined ? { ...made, SHELL: loginShell() } : made;
    refuseNul(options, env);
    // The directory first, so that a missing one is not taken for a missing program.
    attempt(() => checkDirectory(options.cwd), (text) => `${text}: cannot start in cwd "${options.cwd}"`);
    return attempt(() => {
      const program = findProgram(name, options.cwd, env);
      const request: SpawnRequest = { program, argv0: options.arg0 ?? name, args, cwd: options.cwd, env };
      return options.terminal
        ? this.#spawner.spawnTerminal({ ...request, size: options.terminal })
        : this.#spawner.spawnPipes({ ...request, stdin: options.pipeStdin ? "pipe" : "null" });
    }, (text) => `${text}: cannot run program "${name}"`);
  }

  /** @throws {RpcError} -32600 where no process that is known could be forgotten */
  #makeRoom(): void {
    if (this.#processes.size < PROCESSES_PER_SESSION || this.#closed.forgetOne()) return;
    throw invalidRequest(
      `at most ${PROCESSES_PER_SESSION} processes of a session may run, or have ended without the client knowing`,
    );
  }

  /** A closed process can be asked for a while longer. */
  #keep(process: ManagedProcess): void {
    if (this.#disposed) return;
    this.#closed.add(process);
    this.#closedOutput.add(process);
  }

  #forget(process: ManagedProcess): void {
    process.forget();
    this.#processes.delete(process.id);
  }
}

/** Runs a call of the operating system and words its failure. */
function attempt<T>(call: () => T, explain: (text: string) => string): T {
  try {
    return call();
  } catch (error) {
    const code = osErrorCode(error);
    const text = code ? osErrorText(code) : (error as Error).message;
    throw internalError(explain(text), { cause: error });
  }
}

function refuseNul({ argv, arg0 }: StartOptions, env: Environment): void {
  const index = argv.findIndex((arg) => arg.includes("\0"));
  if (index >= 0) throw internalError(`NUL byte found in argv[${index}]`);
  if (arg0?.includes("\0")) throw internalError("NUL byte found in arg0");
  for (const [name, value] of Object.entries(env)) {
    if (name === "" || name.includes("=") || name.includes("\0") || value.includes("\0")) {
      throw internalError(`environment variable ${JSON.stringify(name)} cannot be passed on`);
    }
  }
}
