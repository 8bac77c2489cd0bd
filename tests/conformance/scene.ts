/** What the steps of one vector share. */
import { findMismatch } from "./pattern.ts";
import { RawWebSocket, type UpgradeOptions } from "./raw_web_socket.ts";
import { expandText, type Variables } from "./variables.ts";

/** How long a step waits for what it expects, in milliseconds, unless it says otherwise. */
export const usualWait = 5000;

/** The server under test, and how strictly it is judged. */
export interface Target {
  /** `ws://IP:PORT` */
  url: string;
  /** Variables every vector has: the ports of the HTTP fixture. */
  variables: Record<string, string>;
  /** `exact` compares the text of errors too. */
  wording: "exact" | "ignored";
}

/** One vector's connections, variables and private folder; `await using` cuts and removes them. */
export class Scene implements AsyncDisposable {
  readonly target: Target;
  readonly variables: Variables;
  readonly #folder: string;
  readonly #connections = new Map<string, RawWebSocket>();

  private constructor(target: Target, folder: string) {
    this.target = target;
    this.#folder = folder;
    this.variables = new Map(Object.entries({
      ...target.variables,
      tmp: folder,
      tmpUri: `file://${folder}`,
    }));
  }

  static async create(target: Target): Promise<Scene> {
    return new Scene(target, await Deno.realPath(await Deno.makeTempDir({ prefix: "conformance-" })));
  }

  /** Opens a connection under a name, in place of an earlier one of that name. */
  async connect(name: string, options: UpgradeOptions): Promise<RawWebSocket> {
    const connection = await RawWebSocket.connect(this.target.url, options);
    await this.#connections.get(name)?.drop();
    this.#connections.set(name, connection);
    return connection;
  }

  /** The connection of that name. */
  connection(name = "main"): RawWebSocket {
    const connection = this.#connections.get(name);
    if (!connection) throw new Error(`The vector has opened no connection "${name}"`);
    return connection;
  }

  /** Where and how a value differs from a pattern; undefined when it matches. */
  mismatch(pattern: unknown, value: unknown): string | undefined {
    return findMismatch(pattern, value, { variables: this.variables, wording: this.target.wording });
  }

  /** An absolute path; a relative one is in the private folder. */
  path(written: string): string {
    const path = expandText(written, this.variables);
    return path.startsWith("/") ? path : `${this.#folder}/${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections.values()) await connection.drop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
