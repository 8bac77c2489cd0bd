import type { ExecServerClient } from "../../client/client.ts";
import { unsupportedError } from "../machine_error.ts";
import { AlikeClient } from "./alike_client.ts";
import { sharedRoom } from "./connection_writes.ts";
import { RemoteConnection } from "./remote_connection.ts";

/** The ports of a server's machine. The client is the caller's to close. */
export class RemotePorts {
  readonly #client: AlikeClient;
  readonly #room = sharedRoom();

  constructor(client: ExecServerClient) {
    this.#client = new AlikeClient(client);
  }

  /**
   * Connects to a port.
   *
   * @throws {ServerError} EFAILED where nobody answers, EREFUSED where the server does not want to, ENOTSUP where it cannot
   */
  async connect(port: number, host?: string): Promise<RemoteConnection> {
    this.check();
    const params = { processId: crypto.randomUUID(), port, ...host !== undefined && { host } };
    return new RemoteConnection(this.#client, await this.#client.connectTcp(params), this.#room);
  }

  /** @throws {ServerError} ENOTSUP where the server connects to none */
  check(): void {
    if (!this.#client.can("tcpConnect")) {
      throw unsupportedError(
        "this server forwards no ports: it is of another kind, or was started with --no-forward or --require-sandbox",
      );
    }
  }
}
