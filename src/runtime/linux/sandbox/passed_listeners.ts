/** The sockets on which this program listens in the network of a confined child. */
import { NotConfinedError } from "../../../host/confinement.ts";
import type { CaughtNetwork, ConfinedSpawnRequest } from "../../../host/child_process.ts";
import type { NetworkConnection } from "../../../host/network.ts";
import { failureText } from "../../../native/os_errors.ts";
import { receiveDescriptors, socketPair } from "../network/passed_descriptors.ts";
import { DatagramServer } from "../network/datagram_server.ts";
import { originalDestination } from "../network/original_destination.ts";
import { SocketListener } from "../network/socket_listener.ts";
import type { Native } from "../../posix/native.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import type { ListeningPlaces, ListeningSocket } from "./listening_steps.ts";
import { duplicateFrom, firstHighNumber } from "./memory_file.ts";
import { caughtPort, nameServer } from "./transparent/addresses.ts";
import { transparentSockets } from "./transparent/transparent_steps.ts";

/** They are made by the child's last steps, and sent over a pair of sockets. */
export class PassedListeners {
  readonly places: ListeningPlaces;
  /** The child's end of the pair, by its own number. */
  readonly passed: readonly PassedDescriptor[];
  readonly #native: Native;
  readonly #onConnection: NonNullable<ConfinedSpawnRequest["onConnection"]>;
  readonly #caught: CaughtNetwork | undefined;
  readonly #listeners: { close(): void }[] = [];
  #ends: number[];

  private constructor(
    native: Native,
    places: ListeningPlaces,
    own: number,
    { onConnection, caught }: ConfinedSpawnRequest,
  ) {
    const { socket } = places;
    this.#native = native;
    this.#onConnection = onConnection!;
    this.#caught = caught;
    this.places = places;
    this.passed = [{ source: socket, number: socket }];
    this.#ends = [own, socket];
  }

  /**
   * Opens the pair; undefined where nobody is to listen.
   *
   * @throws {Error} with `code`, such as `"EMFILE"`
   */
  static prepare(native: Native, request: ConfinedSpawnRequest): PassedListeners | undefined {
    const { plan: { listens: ports = [], isTransparent = false }, onConnection } = request;
    if (ports.length === 0 || !onConnection) return undefined;
    const sockets = [
      ...ports.map((port): ListeningSocket => ({ address: "127.0.0.1", port, kind: "stream" })),
      ...isTransparent ? transparentSockets() : [],
    ];
    const [own, other] = socketPair(native.libc);
    try {
      const socket = duplicateFrom(native.libc, other, firstHighNumber);
      return new PassedListeners(native, { sockets, socket, isTransparent }, own, request);
    } catch (error) {
      native.libc.c.close(own);
      throw error;
    } finally {
      native.libc.c.close(other);
    }
  }

  /**
   * Begins to accept, now that the child runs. Nothing happens where it is closed: one that ended at once may be heard of
   * before its start is.
   *
   * @throws {NotConfinedError} where the sockets did not come
   */
  accept(): void {
    if (this.#ends.length === 0) return;
    const { sockets } = this.places;
    const received = this.#receive();
    received.forEach((socket, index) => this.#listeners.push(this.#serve(socket, sockets[index]!)));
    if (received.length < sockets.length) throw missing("some are missing");
  }

  /** Accepts no more. */
  close(): void {
    this.#closeEnds();
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #serve(socket: number, { address, port, kind }: ListeningSocket): { close(): void } {
    const native = this.#native;
    const caught = this.#caught;
    if (kind === "datagram") {
      return new DatagramServer(native, socket, (question) => caught?.answer(question));
    }
    const version = address === "::1" ? "ipv6" : "ipv4";
    const serve = port === caughtPort
      ? (connection: NetworkConnection, accepted: number) =>
        caught?.connect(originalDestination(native.libc, accepted, version), connection)
      : port === nameServer.port
      ? (connection: NetworkConnection) => caught?.askByStream(connection)
      : (connection: NetworkConnection) => this.#onConnection(port, connection);
    return new SocketListener(native, socket, serve, port);
  }

  #receive(): number[] {
    try {
      return receiveDescriptors(this.#native.libc, this.#ends[0]!, this.places.sockets.length);
    } catch (error) {
      throw missing(failureText(error));
    } finally {
      this.#closeEnds();
    }
  }

  #closeEnds(): void {
    for (const end of this.#ends) this.#native.libc.c.close(end);
    this.#ends = [];
  }
}

function missing(why: string): NotConfinedError {
  return new NotConfinedError(`the sockets of its network did not come: ${why}`, "ask again");
}
