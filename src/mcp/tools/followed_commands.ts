import { TOOL_PROCESSES } from "../../limits.ts";
import type { StartRequest } from "../../machine/exec_backend.ts";
import { ServerError } from "../../machine/machine_error.ts";
import type { SharedProcess } from "../../machine/shared_process.ts";
import type { EnvPolicy } from "../../protocol/schemas/process.ts";
import type { Confinement } from "./confinement.ts";
import { FollowedCommand } from "./followed_command.ts";
import { ToolError } from "./tool_error.ts";
import type { ToolMachine } from "./tool_machine.ts";
import type { ToolMachines } from "./tool_machines.ts";

/** The processes that tools have to do with: those that they started, and others of the same servers that they look at. */
export class FollowedCommands {
  readonly #machines: ToolMachines;
  readonly #confinement: Confinement;
  readonly #own = new Map<string, FollowedCommand>();
  readonly #attached = new Map<string, FollowedCommand>();
  #started = 0;

  constructor(machines: ToolMachines, confinement: Confinement) {
    this.#machines = machines;
    this.#confinement = confinement;
  }

  /** Those that tools started, the oldest first. */
  get own(): readonly FollowedCommand[] {
    return [...this.#own.values()];
  }

  /** Starts one, as far as tools may. */
  async start(machine: ToolMachine, request: StartRequest, title: string): Promise<FollowedCommand> {
    const { env, limits } = this.#confinement;
    if (machine.sandbox && request.env?.TMPDIR !== undefined) {
      throw new ToolError("TMPDIR names a directory that may be written to: it cannot be set here");
    }
    this.#makeRoom();
    const process = await machine.exec.start({
      ...request,
      env: { ...env, ...request.env },
      envPolicy: inheritAll,
      sandbox: machine.sandbox,
      limits,
      // It never waits for a reader: this one always reads.
      lossless: true,
    });
    const id = `p${++this.#started}`;
    const options = { id, machine: machine.name, tty: request.tty ?? false, title };
    const command = new FollowedCommand(process, options, true);
    this.#own.set(id, command);
    return command;
  }

  /**
   * The one that a word means: one of its own, or any other of the server to look at.
   *
   * @throws {ToolError} where there is none
   */
  async find(word: string, machineName?: string): Promise<FollowedCommand> {
    const own = this.#own.get(word);
    if (own) return own;
    const machine = await this.#machines.get(machineName);
    const key = `${machine.name}\n${word}`;
    const known = this.#attached.get(key);
    if (known && !known.isOver) return known;
    const process = await attach(machine, word, "view");
    // Another of the same name may have taken its place; the same one is known already.
    if (known && known.process.pid === process.pid) {
      await process.detach().catch(() => {});
      return known;
    }
    const options = { id: word, machine: machine.name, tty: process.size !== undefined, title: word };
    const command = new FollowedCommand(process, options, false);
    this.#attached.set(key, command);
    this.#forgetSurplus();
    return command;
  }

  /**
   * Does something to the one that a word means that only who has its keyboard may do.
   *
   * @throws {ToolError} where there is none, or it must not be done
   */
  async control<Result>(
    word: string,
    machineName: string | undefined,
    act: (process: FollowedCommand["process"]) => Promise<Result>,
  ): Promise<Result> {
    const own = this.#own.get(word);
    if (own) return await act(own.process);
    if (this.#confinement.sandbox) {
      throw new ToolError(
        `"${word}" was not started here, and what these tools do is confined: it may be read, not changed`,
      );
    }
    const machine = await this.#machines.get(machineName);
    const process = await attach(machine, word, "control");
    try {
      await process.takeKeyboard({ note: "an agent's tool" });
      return await act(process);
    } finally {
      // It gives the keyboard back, too. The server may have forgotten the process by now.
      await process.detach().catch(() => {});
    }
  }

  /** @throws {ToolError} where all that are known still run */
  #makeRoom(): void {
    if (this.#own.size < TOOL_PROCESSES) return;
    const [ended] = this.own.filter(({ isOver }) => isOver);
    if (!ended) throw new ToolError(`${this.#own.size} processes run already: end one by \`signal\` first`);
    this.#own.delete(ended.id);
  }

  #forgetSurplus(): void {
    const [oldest] = this.#attached;
    if (this.#attached.size <= TOOL_PROCESSES || !oldest) return;
    const [key, { process }] = oldest;
    this.#attached.delete(key);
    (process as SharedProcess).detach().catch(() => {});
  }
}

async function attach(machine: ToolMachine, word: string, role: "view" | "control"): Promise<SharedProcess> {
  try {
    return await machine.exec.attach(word, { role });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    throw new ToolError(`${error.message}: \`list\` tells which there are on "${machine.name}"`, {
      cause: error,
    });
  }
}

/** As `exec-server run` gives them, but for what opens servers. */
const inheritAll: EnvPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: true,
  exclude: ["EXEC_SERVER_TOKEN"],
  set: {},
  includeOnly: [],
};
