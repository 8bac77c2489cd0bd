import type { ExecServerClient } from "../../../client/client.ts";
import type { ResultOf } from "../../../protocol/methods.ts";

/** A process as `process/listAll` tells it. */
export type Listed = NonNullable<ResultOf<"process/listAll">["processes"]>[number];

/** All processes of the server, asked for again only when something has changed. */
export class ListedProcesses {
  readonly #client: ExecServerClient;
  #revision: number | undefined;
  #processes: readonly Listed[] = [];

  constructor(client: ExecServerClient) {
    this.#client = client;
  }

  /** Those of the last look. */
  get all(): readonly Listed[] {
    return this.#processes;
  }

  find(handle: string): Listed | undefined {
    return this.#processes.find((process) => process.handle === handle);
  }

  /** @returns whether anything has changed */
  async refresh(): Promise<boolean> {
    const since = this.#revision === undefined ? {} : { sinceRevision: this.#revision };
    const { revision, processes } = await this.#client.call("process/listAll", since);
    this.#revision = revision;
    if (processes) this.#processes = processes;
    return processes !== undefined;
  }
}

/** What a process is called: its name or its program. */
export function nameOf({ name, argv0 }: Listed): string {
  return name ?? argv0.slice(argv0.lastIndexOf("/") + 1);
}
