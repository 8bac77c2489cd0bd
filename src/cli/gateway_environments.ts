import { findCodexHome } from "../codex/codex_home.ts";
import { codexHost } from "../codex/codex_host.ts";
import {
  writeEnvironments,
  type WrittenEnvironment,
  type WrittenPart,
} from "../codex/written_environments.ts";
import type { Broker } from "../fleet/broker.ts";
import { HostWatch } from "../fleet/host_watch.ts";
import { FLEET_SHOW_MS } from "../limits.ts";
import { join } from "node:path";
import type { Logger } from "../observe/logger.ts";
import { delay } from "../std/async/delay.ts";
import type { ProgramHost } from "./program_host.ts";

/** What the entries are made of. */
export interface GatewayEnvironmentsOptions {
  readonly broker: Broker;
  /** The URLs of its servers. */
  readonly fleet: readonly string[];
  /** Where the gateway listens. */
  readonly url: string;
  readonly host: ProgramHost;
  readonly logger: Logger;
}

/** An entry for each host of a fleet in the user's environments.toml, for as long as there is a gateway to it. */
export class GatewayEnvironments implements AsyncDisposable {
  readonly #options: GatewayEnvironmentsOptions;
  readonly #part: WrittenPart;
  #watch: HostWatch | undefined;
  #last: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #taken = "";

  private constructor(options: GatewayEnvironmentsOptions, part: WrittenPart) {
    this.#options = options;
    this.#part = part;
  }

  /** @throws {EnvironmentsFileError} where the file cannot be followed or written */
  static async begin(options: GatewayEnvironmentsOptions): Promise<GatewayEnvironments> {
    const home = await findCodexHome(codexHost(options.host));
    // A gateway to the same fleet takes over what another has left behind, wherever it listens.
    const owner = `exec-server gateway to ${options.fleet.map((url) => new URL(url).host).join(", ")}`;
    const written = new GatewayEnvironments(options, { path: join(home, "environments.toml"), home, owner });
    written.#watch = await HostWatch.begin(options.broker, { onChange: () => written.#later() });
    await written.#write();
    return written;
  }

  /** Takes the entries out again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    await this.#last;
    await this.#tryToWrite();
  }

  /** Many changes at once are written together, and one write is done before the next. */
  #later(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#last = this.#last.then(() => delay(FLEET_SHOW_MS)).then(() => {
      this.#isWaiting = false;
      return this.#tryToWrite();
    });
  }

  async #tryToWrite(): Promise<void> {
    await this.#write().catch((error: Error) =>
      this.#options.logger.error("environments not written", { reason: error.message })
    );
  }

  async #write(): Promise<void> {
    const { url, logger } = this.#options;
    const hosts = (this.#watch?.hosts ?? []).filter(({ state }) => state !== "gone");
    const entries = hosts.map(({ group, name }): WrittenEnvironment => ({
      id: environmentId(group, name),
      url: `${url}/hosts/${group}/${name}`,
    }));
    const taken = (await writeEnvironments(this.#part, entries)).join(", ");
    if (taken !== this.#taken && taken !== "") {
      logger.warn("environments left out", { path: this.#part.path, taken });
    }
    this.#taken = taken;
  }
}

/** Always the same, whatever hosts come and go. */
function environmentId(group: string, name: string): string {
  const isPlain = group === "default" && !/^(local|none)$/i.test(name);
  return isPlain ? name : `${group}-${name}`;
}
