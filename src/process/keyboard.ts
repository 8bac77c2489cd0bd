/** Whoever may type in the owner's place. */
export interface KeyboardHolder {
  /** What it calls itself. */
  readonly clientName?: string;
  /** How much it has typed since it took the keyboard. */
  readonly typedBytes?: number;
}

/** A change of hands, as it is told. */
export interface KeyboardChange {
  /** What whoever took it says to it. */
  readonly note?: string | undefined;
  /** Who had it before; undefined where that was the owner. */
  readonly from?: KeyboardHolder | undefined;
}

/** Who may type into a process: its owner, unless somebody has taken the keyboard. */
export class Keyboard {
  /** Called after every change. */
  readonly listeners = new Set<(change: KeyboardChange) => void>();
  #holder: KeyboardHolder | undefined;
  #holdsOwner = false;
  #waiting: (() => void)[] = [];

  /** Who has taken it; undefined while it is the owner's. */
  get holder(): KeyboardHolder | undefined {
    return this.#holder;
  }

  /** Whether what the owner writes meanwhile is to wait until it is given back, rather than be refused. */
  get holdsOwner(): boolean {
    return this.#holdsOwner;
  }

  /** Takes it, from whomever. */
  take(holder: KeyboardHolder, options: KeyboardChange & { readonly holdsOwner: boolean }): void {
    const from = this.#holder;
    this.#holder = holder;
    this.#holdsOwner = options.holdsOwner;
    if (from !== holder) this.#tell({ ...options, from });
  }

  /** Gives it back to the owner; nothing happens where somebody else has it. */
  giveBack(holder: KeyboardHolder, change: KeyboardChange = {}): void {
    if (this.#holder !== holder) return;
    this.#holder = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#tell({ ...change, from: holder });
  }

  /** Resolves once it is the owner's again. */
  async ownersTurn(): Promise<void> {
    while (this.#holder) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #tell(change: KeyboardChange): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
