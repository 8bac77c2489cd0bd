import type { NetworkConnection } from "../host/network.ts";
import type { RemoteConnection } from "../machine/remote/remote_connection.ts";
import type { RemotePorts } from "../machine/remote/remote_ports.ts";
import type { ForwardedPort } from "./forwarded_port.ts";

/** Connections of programs here, each with one of the server behind it. */
export class ForwardedConnections {
  readonly #ports: Pick<RemotePorts, "connect">;
  readonly #onFailure: (text: string) => void;
  readonly #open = new Set<NetworkConnection>();

  /** @param onFailure told of connections that are not made */
  constructor(ports: Pick<RemotePorts, "connect">, onFailure: (text: string) => void) {
    this.#ports = ports;
    this.#onFailure = onFailure;
  }

  /** Connects a program to a port. Never rejects. */
  async forward(here: NetworkConnection, { port, host }: ForwardedPort): Promise<void> {
    this.#open.add(here);
    let there: RemoteConnection;
    try {
      there = await this.#ports.connect(port, host);
    } catch (error) {
      this.#onFailure((error as Error).message);
      here.destroy("reset");
      this.#open.delete(here);
      return;
    }
    this.#open.add(there);
    try {
      await Promise.all([pass(here, there), pass(there, here)]);
      here.destroy();
      there.destroy();
    } catch {
      // Whoever reads learns that it was no regular end.
      here.destroy("reset");
      there.destroy("reset");
    }
    this.#open.delete(here);
    this.#open.delete(there);
  }

  /** Breaks all of them off. Resolves when the server knows. */
  async close(): Promise<void> {
    for (const connection of this.#open) connection.destroy("reset");
    await Promise.all([...this.#open].map((connection) => (connection as Partial<RemoteConnection>).closed));
  }
}

/** Passes everything on in one direction, and its end. When it breaks, both break. */
async function pass(from: NetworkConnection, to: NetworkConnection): Promise<void> {
  try {
    for (let bytes = await from.read(); bytes; bytes = await from.read()) await to.write(bytes);
    to.end();
  } catch (error) {
    from.destroy("reset");
    to.destroy("reset");
    throw error;
  }
}
