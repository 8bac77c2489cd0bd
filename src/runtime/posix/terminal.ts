/** The life of one terminal, from its start to the closing of its descriptors. */
import { setImmediate } from "node:timers/promises";
import { TERMINAL_LAST_READS } from "../../limits.ts";
import type { ByteSink, ByteSource } from "../../host/child_process.ts";
import type { TerminalSize } from "../../protocol/schemas/process.ts";
import { DescriptorInput } from "./descriptor_input.ts";
import type { Libc } from "./libc.ts";
import type { Poller, Watch } from "./poller.ts";
import { type PseudoTerminal, readsUnseenLine, resizeTerminal } from "./pseudo_terminal.ts";
import { TerminalOutput } from "./terminal_output.ts";

/**
 * A terminal with a child on it.
 *
 * The slave stays open here until the child has exited, so that a program that closes its terminal for a while finds
 * it again. The master closes when its output has ended or is not wanted, and nothing will be written: because the
 * sink was closed, or because the child is gone. Closing it hangs up on the programs that are left.
 */
export class Terminal {
  readonly #libc: Libc;
  readonly #master: number;
  readonly #slave: number;
  readonly #watch: Watch;
  readonly #output: TerminalOutput;
  readonly #input: DescriptorInput;
  #outputDone = false;
  #inputDone = false;
  #exited = false;
  #closed = false;

  constructor(libc: Libc, poller: Poller, { master, slave }: Pick<PseudoTerminal, "master" | "slave">) {
    this.#libc = libc;
    this.#master = master;
    this.#slave = slave;
    this.#watch = poller.watch(master, (events) => {
      this.#output.onReady(events);
      this.#input.onReady(events);
    });
    this.#output = new TerminalOutput(libc, master, this.#watch, () => {
      this.#outputDone = true;
      this.#closeWhenDone();
    });
    this.#input = new DescriptorInput(libc, master, this.#watch, () => {
      this.#inputDone = true;
      this.#closeWhenDone();
    });
  }

  get output(): ByteSource {
    return this.#output;
  }

  get input(): ByteSink {
    return this.#input;
  }

  /** The child has been reaped. Resolves when what it wrote before was given to whoever reads. */
  async childExited(): Promise<void> {
    this.#exited = true;
    if (!this.#closed) this.#libc.c.close(this.#slave);
    await this.giveLast();
    this.#output.childExited();
    this.#closeWhenDone();
  }

  /** Resolves when what is there was given to whoever reads. */
  async giveLast(): Promise<void> {
    for (let reads = 0; reads < TERMINAL_LAST_READS && this.#output.look(); reads++) await setImmediate();
  }

  /** Changes the size; does nothing once the terminal is closed. */
  resize(size: TerminalSize): void {
    if (!this.#closed) resizeTerminal(this.#libc, this.#master, size);
  }

  /** Whether its program reads a line that is not shown, as it does for a password. */
  get readsSecret(): boolean {
    return !this.#closed && !this.#exited && readsUnseenLine(this.#libc, this.#slave);
  }

  #closeWhenDone(): void {
    if (this.#closed || !this.#outputDone || !(this.#inputDone || this.#exited)) return;
    this.#closed = true;
    this.#input.end("The terminal is closed");
    if (!this.#exited) this.#libc.c.close(this.#slave);
    this.#watch.close();
  }
}
