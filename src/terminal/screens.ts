import { SCREEN_IDLE_MS, SCREENS } from "../limits.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ScreenResult } from "../protocol/schemas/screen.ts";
import type { PictureOptions } from "./picture.ts";
import { Screen } from "./screen.ts";

/** A screen that is kept, and what ends that. */
interface Entry {
  readonly screen: Screen;
  readonly drop: () => void;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * The screens that somebody has looked at. Each is kept until its process is forgotten, nobody has looked at it for
 * long, or too many others were looked at since.
 */
export class Screens {
  /** The one that was looked at longest ago comes first. */
  readonly #entries = new Map<ManagedProcess, Entry>();

  /**
   * What a process's terminal shows now.
   *
   * @throws {RpcError} -32600 for a process without a terminal, or with one that is too large
   */
  async look(process: ManagedProcess, options: PictureOptions): Promise<ScreenResult> {
    const { log, sizes } = process;
    if (!sizes) throw invalidRequest(`process ${process.id} has no terminal, so there is no screen to show`);
    const entry = this.#entries.get(process) ??
      { screen: new Screen({ log, sizes }), drop: () => this.#drop(process) };
    this.#keep(process, entry);
    return await entry.screen.look(options);
  }

  #keep(process: ManagedProcess, entry: Entry): void {
    this.#entries.delete(process);
    this.#entries.set(process, entry);
    process.forgotten.add(entry.drop);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(entry.drop, SCREEN_IDLE_MS);
    (entry.timer as { unref?: () => void }).unref?.();
    if (this.#entries.size > SCREENS) this.#drop(this.#entries.keys().next().value!);
  }

  #drop(process: ManagedProcess): void {
    const entry = this.#entries.get(process);
    if (!entry) return;
    this.#entries.delete(process);
    process.forgotten.delete(entry.drop);
    clearTimeout(entry.timer);
    entry.screen.dispose();
  }
}
