import { constants } from "node:os";
import process from "node:process";
import type { ExecServerClient } from "../client/client.ts";

const interrupt = 3;

/** Tells a person what becomes of the connection. While it is being got back, Ctrl-C ends this program. */
export class ConnectionWords implements Disposable {
  readonly #unlisten: () => void;
  #isLost = false;

  /** @param warn tells the user something in one line */
  constructor(client: ExecServerClient, warn: (text: string) => void) {
    this.#unlisten = client.listenConnection(({ kind }) => {
      this.#isLost = kind === "recovering";
      if (kind === "recovering") warn("connection lost, getting it back ... (Ctrl-C ends)");
      if (kind === "connected") warn("connected again");
    });
  }

  /** Whether it is being got back just now. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** A signal that asks to end has come: nobody is there to pass it on to while the connection is lost. */
  signalled(signal: NodeJS.Signals): void {
    if (this.#isLost) process.exit(128 + constants.signals[signal]);
  }

  /** Keys have come from a terminal that makes no signals of them. */
  typed(keys: Uint8Array): void {
    if (this.#isLost && keys.includes(interrupt)) this.signalled("SIGINT");
  }

  [Symbol.dispose](): void {
    this.#unlisten();
  }
}
