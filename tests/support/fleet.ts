/** Hosts of a fleet, as processes of their own. */
import { RunningCommand } from "./command.ts";
import type { TestBroker } from "./broker.ts";

/** A host that is in the fleet; `await using` kills it. */
export class TestHost implements AsyncDisposable {
  readonly #command: RunningCommand;

  private constructor(command: RunningCommand) {
    this.#command = command;
  }

  /** @param args further flags of `serve` */
  static start(broker: TestBroker, name: string, ...args: string[]): Promise<TestHost> {
    return TestHost.join(broker, "--fleet-name", name, ...args);
  }

  /** @param args all flags of `serve` but the broker's */
  static async join(broker: TestBroker, ...args: string[]): Promise<TestHost> {
    const command = new RunningCommand(["serve", "--log-level", "debug", "--fleet", broker.url, ...args]);
    await command.until(/^fleet:\S+$/m).catch((error) => {
      throw new Error(`${error.message}\n${command.text("stderr")}`);
    });
    return new TestHost(command);
  }

  signal(signal: Deno.Signal): void {
    this.#command.kill(signal);
  }

  /** Waits for its end. @returns its exit status */
  async ended(): Promise<number> {
    return (await this.#command.ended()).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#command[Symbol.asyncDispose]();
  }
}
