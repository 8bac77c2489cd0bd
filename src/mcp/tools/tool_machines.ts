import type { Confinement } from "./confinement.ts";
import { type MachineChoice, ToolMachine } from "./tool_machine.ts";
import { ToolError } from "./tool_error.ts";

/** The machines that there are. */
export interface MachineChoices {
  /** The one that is meant where none is named; undefined where one must be. */
  readonly defaultName: string | undefined;
  /** All of them; those of a fleet are those that are there just now. */
  list(): Promise<readonly MachineChoice[]>;
}

/** Machines, each connected when a tool first needs it, and again when it was lost. */
export class ToolMachines implements AsyncDisposable {
  readonly choices: MachineChoices;
  readonly #confinement: Confinement;
  readonly #open = new Map<string, Promise<ToolMachine>>();

  constructor(choices: MachineChoices, confinement: Confinement) {
    this.choices = choices;
    this.#confinement = confinement;
  }

  /** The names of those that are connected. */
  get connected(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  /**
   * The machine of a name, or the default one.
   *
   * @throws {ToolError} where there is none
   */
  async get(name = this.choices.defaultName): Promise<ToolMachine> {
    if (name === undefined) throw new ToolError(`Name the machine: ${await this.#names()}`);
    const open = this.#open.get(name);
    if (open) return await open;
    const choice = (await this.choices.list()).find((choice) => choice.name === name);
    if (!choice) throw new ToolError(`There is no machine "${name}": ${await this.#names()}`);
    const opening = this.#open.get(name) ?? this.#connect(choice);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return await opening;
  }

  async #connect(choice: MachineChoice): Promise<ToolMachine> {
    const { name } = choice;
    const connection = await choice.open().catch((error) => {
      throw new ToolError(`The machine "${name}" cannot be reached: ${(error as Error).message}`, {
        cause: error,
      });
    });
    const machine = new ToolMachine(choice, connection, this.#confinement);
    machine.client.listenConnection(({ kind }) => {
      if (kind === "disconnected") this.#open.delete(name);
    });
    return machine;
  }

  async #names(): Promise<string> {
    const names = (await this.choices.list()).map(({ name }) => name);
    return names.length === 0 ? "there is none just now" : `there are ${names.join(", ")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open.values()];
    await Promise.all(open.map(async (opening) => (await opening)[Symbol.asyncDispose]().catch(() => {})));
  }
}
