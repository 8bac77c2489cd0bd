import { randomUUID } from "node:crypto";
import { SCREEN_IDLE_MS, SCREENS, SCREENS_ANSWERING, SCREENS_UNSEEN } from "../limits.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import { refused } from "../native/operation_error.ts";
import type { ScreenResult } from "../protocol/schemas/screen.ts";
import type { PictureOptions } from "./picture.ts";
import { Screen } from "./screen.ts";
import { Turns } from "./turns.ts";
import { unref } from "../unref.ts";

/** How to follow a process. */
export interface FollowOptions {
  /** Answer what the program asks its terminal, because no other terminal does. */
  readonly answers?: boolean | undefined;
}

/** A process's screen, and what ends that. */
interface Entry {
  readonly screen: Screen;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * The screens of processes. Each takes room in memory from the first look at it, or from the moment when its program has
 * written more than its log will keep, until its process is forgotten, nobody has looked at it for long, or too many
 * others need the room.
 */
export class Screens {
  readonly #turns = new Turns();
  readonly #entries = new Map<ManagedProcess, Entry>();
  /** Those that take room, the one that was looked at longest ago first. */
  readonly #open = new Set<Screen>();
  /** How many answer what their programs ask. */
  #answering = 0;

  /** How many take room. */
  get open(): number {
    return this.#open.size;
  }

  /** Keeps in mind what the first look at a process's terminal will need. Nothing happens behind pipes. */
  follow(process: ManagedProcess, options: FollowOptions = {}): void {
    this.#entryOf(process, options);
  }

  /**
   * @throws {OperationError} REFUSED when too many screens answer already
   */
  checkRoom(): void {
    if (this.#answering < SCREENS_ANSWERING) return;
    throw refused(`at most ${SCREENS_ANSWERING} terminals may be answered for at once`);
  }

  /**
   * What a process's terminal shows now.
   *
   * @throws {OperationError} REFUSED for a process without a terminal, or with one that is too large
   */
  async look(process: ManagedProcess, options: PictureOptions): Promise<ScreenResult> {
    const entry = this.#entryOf(process);
    if (!entry) throw refused(`process ${process.id} has no terminal, so there is no screen to show`);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.#rest(process, entry), SCREEN_IDLE_MS);
    unref(entry.timer);
    if (this.#open.delete(entry.screen)) this.#open.add(entry.screen);
    return await entry.screen.look(options);
  }

  #entryOf(process: ManagedProcess, { answers = false }: FollowOptions = {}): Entry | undefined {
    const { log, sizes } = process;
    const known = this.#entries.get(process);
    if (known || !sizes) return known;
    const screen: Screen = new Screen({ log, sizes, turns: this.#turns }, {
      onOpen: () => this.#makeRoomFor(screen),
      answer: answers ? answerer(process) : undefined,
    });
    this.#answering += Number(answers);
    const entry: Entry = { screen };
    this.#entries.set(process, entry);
    const forget = () => {
      process.forgotten.delete(forget);
      this.#entries.delete(process);
      this.#open.delete(screen);
      this.#answering -= Number(answers);
      clearTimeout(entry.timer);
      screen.dispose();
    };
    process.forgotten.add(forget);
    return entry;
  }

  #makeRoomFor(screen: Screen): void {
    this.#open.add(screen);
    const dispensable = [...this.#open].filter(({ answers }) => !answers);
    const unseen = dispensable.filter(({ seen }) => !seen);
    if (unseen.length > SCREENS_UNSEEN) this.#close(unseen[0]!);
    else if (dispensable.length > SCREENS) this.#close(unseen[0] ?? dispensable[0]!);
  }

  /** Nobody has looked for long. What cannot be made again is kept, and brought up to date more rarely. */
  #rest(process: ManagedProcess, { screen }: Entry): void {
    if (process.log.closed || screen.replaceable && !screen.answers) this.#close(screen);
    else screen.unsee();
  }

  #close(screen: Screen): void {
    this.#open.delete(screen);
    screen.close();
  }
}

/** Writes what a terminal answers to its program. While that reads none of it, there are no further answers. */
function answerer(process: ManagedProcess): (text: string) => void {
  let waiting = false;
  return (text) => {
    if (waiting) return;
    const taken = process.write(new TextEncoder().encode(text), randomUUID());
    if (!(taken instanceof Promise)) return;
    waiting = true;
    void taken.then(() => waiting = false);
  };
}
