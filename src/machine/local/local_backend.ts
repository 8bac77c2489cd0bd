import { randomUUID } from "node:crypto";
import { TERMINAL_SIZE } from "../../limits.ts";
import { FirstReader } from "../../log/first_reader.ts";
import type { EventsOptions, LogCursor } from "../../log/log_cursor.ts";
import type { ProcessState } from "../../log/process_event.ts";
import type { ProcessReadOptions } from "../../log/wait_and_read.ts";
import { hostOs } from "../../host/facts.ts";
import type { Host } from "../../host/host.ts";
import { waitingCalls } from "../../host/waiting_calls.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import { ProcessRegistry } from "../../process/process_registry.ts";
import { ProcessTable } from "../../process/process_table.ts";
import { workingDirectory } from "../../host/working_directory.ts";
import { ForeignPathError, parseFileUri } from "../../protocol/file_uri.ts";
import { asProcessId } from "../../protocol/ids.ts";
import type { Screens } from "../../screen/screens.ts";
import type { SignalName, TerminalSize } from "../../protocol/schemas/process.ts";
import type { ExecBackend, ExecProcess, ProcessOutput, StartRequest, WriteStatus } from "../exec_backend.ts";
import { failingAlike, invalidError, refusedError } from "../machine_error.ts";
import type { MachineUsage } from "../../usage/machine_usage.ts";
import type { UsageMeter } from "../../usage/usage_meter.ts";
import { type DescriptorWay, type ProcessDescriptor, processDescriptor } from "../process_descriptor.ts";
import { exitOf, type ProcessEnd } from "../process_end.ts";
import type { ProcessScreen, ScreenOptions } from "../process_screen.ts";
import { sandboxPolicy } from "../sandbox_request.ts";
import {
  bytesOf,
  checkStartRequest,
  directoryUri,
  envOf,
  envPolicyOf,
  wantsAnswers,
} from "../start_request.ts";
import type { ChildExecs, ChildNetwork } from "../../process/child_options.ts";
import type { LocalNetwork } from "./local_network.ts";

/** Processes of this machine, with nothing in between. Disposing of it kills them all. */
export class LocalBackend implements ExecBackend, AsyncDisposable {
  readonly #registry: ProcessRegistry;
  readonly #table: ProcessTable;
  readonly #openNetwork: Host["openNetwork"];
  #screens: Screens | undefined;
  #meter: UsageMeter | undefined;

  /** @param host starts the processes, which inherit its environment */
  constructor(host: Pick<Host, "spawner" | "environment" | "openNetwork">) {
    this.#registry = new ProcessRegistry(host.spawner, host.environment());
    this.#table = new ProcessTable(this.#registry);
    this.#openNetwork = host.openNetwork;
  }

  async start(request: StartRequest): Promise<ExecProcess> {
    checkStartRequest(request);
    if (request.name !== undefined || request.lifetime !== undefined) {
      throw refusedError("a process has a name and a lifetime of its own only on a server");
    }
    const answers = wantsAnswers(request);
    const screens = request.tty ? await this.#openScreens() : undefined;
    const cwd = nativeDirectory(request.cwd ?? workingDirectory());
    const network = await failingAlike(() => this.#networkOf(request));
    const starting = failingAlike(async () => {
      if (answers) screens!.checkRoom();
      return await this.#start(request, cwd, network?.network, await execsOf(request));
    });
    const started = await starting.catch((error) => {
      network?.close();
      throw error;
    });
    void started.closed.then(() => network?.close());
    screens?.follow(started, { answers });
    return new LocalProcess(started, screens, request.lossless);
  }

  #start(
    request: StartRequest,
    cwd: string,
    network: ChildNetwork | undefined,
    execs: ChildExecs | undefined,
  ): ManagedProcess | Promise<ManagedProcess> {
    return this.#table.start({
      id: asProcessId(request.processId ?? randomUUID()),
      argv: request.argv,
      cwd,
      env: envOf(request),
      envPolicy: envPolicyOf(request),
      arg0: request.arg0,
      terminal: request.tty ? request.size ?? TERMINAL_SIZE : undefined,
      pipeStdin: request.pipeStdin ?? false,
      limits: request.limits,
      descriptors: request.descriptors,
      policy: request.sandbox && sandboxPolicy(request.sandbox, cwd, nativeDirectory),
      network,
      execs,
    });
  }

  /** What looks after it is loaded by the first process that has such a network. */
  async #networkOf({ sandbox }: StartRequest): Promise<LocalNetwork | undefined> {
    const network = sandbox?.network;
    if (typeof network !== "object") return undefined;
    const { localNetwork } = await import("./local_network.ts");
    return localNetwork(network, await this.#openNetwork?.());
  }

  /** How much of this machine is in use, and by its processes. What looks is loaded with the first call. */
  async usage(): Promise<MachineUsage> {
    const { UsageMeter } = await import("../../usage/usage_meter.ts");
    this.#meter ??= new UsageMeter(waitingCalls.share());
    return await failingAlike(() => this.#meter!.look(this.#registry.values()));
  }

  async #openScreens(): Promise<Screens> {
    const { Screens } = await import("../../screen/screens.ts");
    return this.#screens ??= new Screens();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#table.dispose();
  }
}

/** What decides is loaded by the first process that has such a policy. */
async function execsOf({ execPolicy }: StartRequest): Promise<ChildExecs | undefined> {
  if (!execPolicy) return undefined;
  const { localExecs } = await import("./local_execs.ts");
  return localExecs(execPolicy, nativeDirectory);
}

/** A process of this machine. */
class LocalProcess implements ExecProcess {
  readonly #process: ManagedProcess;
  readonly #reader: FirstReader;
  readonly #screens: Screens | undefined;
  #writes = 0;

  constructor(process: ManagedProcess, screens: Screens | undefined, lossless?: boolean) {
    this.#process = process;
    this.#screens = screens;
    this.#reader = new FirstReader(process.log, { lossless });
    process.forgotten.add(() => this.#reader.letGo());
  }

  get processId(): string {
    return this.#process.id;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get state(): ProcessState {
    return this.#process.state;
  }

  get signalName(): string | null {
    return this.#process.signalName;
  }

  async wait(): Promise<ProcessEnd> {
    return { exitCode: await exitOf(this.#process.log), signal: this.signalName };
  }

  events(options?: EventsOptions): LogCursor {
    return this.#reader.events(options);
  }

  async read(options?: ProcessReadOptions): Promise<ProcessOutput> {
    try {
      return await this.#process.read(options);
    } finally {
      this.#reader.letGo();
    }
  }

  async write(data: Uint8Array | string): Promise<WriteStatus> {
    return await this.#process.write(bytesOf(data), String(++this.#writes)) ? "accepted" : "stdinClosed";
  }

  closeStdin(): Promise<"accepted" | "stdinClosed"> {
    return Promise.resolve(this.#process.closeStdin() ? "accepted" : "stdinClosed");
  }

  descriptor(fd: number): ProcessDescriptor {
    const input = (fd: number) => this.#process.input(fd)!;
    const way: DescriptorWay = {
      process: this,
      write: async (fd, data) => {
        await input(fd).write(bytesOf(data), String(++this.#writes));
        return "accepted";
      },
      close: (fd) => {
        input(fd).close();
        return Promise.resolve("accepted");
      },
    };
    return processDescriptor(way, this.#process.descriptors, fd);
  }

  signal(name: SignalName): Promise<void> {
    return failingAlike(() => this.#process.signal(name));
  }

  resize(size: TerminalSize): Promise<void> {
    return failingAlike(() => this.#process.resize(size));
  }

  screen({ format = "text", scrollback = 0 }: ScreenOptions = {}): Promise<ProcessScreen> {
    return failingAlike(async () => {
      const screen = await this.#screens?.look(this.#process, { format, scrollback });
      return screen ?? refuseScreen(this.processId);
    });
  }

  terminate(): Promise<boolean> {
    this.#reader.letGo();
    return Promise.resolve(this.#process.terminate());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
    await this.#process.closed;
  }
}

function refuseScreen(id: string): never {
  throw refusedError(`process ${id} has no terminal, so there is no screen to show`);
}

/** @throws {ServerError} EINVAL for what names no directory of this machine */
function nativeDirectory(directory: string): string {
  try {
    return parseFileUri(directoryUri(directory, hostOs), hostOs);
  } catch (error) {
    if (!(error instanceof ForeignPathError)) throw error;
    throw invalidError(`cwd URI \`${directory}\` is not valid on this exec-server host: ${error.message}`, {
      cause: error,
    });
  }
}
