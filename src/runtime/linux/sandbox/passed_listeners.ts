/** The sockets on which this program listens in the network of a confined child. */
import { NotConfinedError } from "../../../host/confinement.ts";
import type { ConfinedSpawnRequest } from "../../../host/child_process.ts";
import { failureText } from "../../../native/os_errors.ts";
import { receiveDescriptors, socketPair } from "../network/passed_descriptors.ts";
import { SocketListener } from "../network/socket_listener.ts";
import type { Native } from "../../posix/native.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import { systemError } from "../../posix/system_error.ts";
import type { ListeningPlaces } from "./listening_steps.ts";

/** Above whatever is opened to make a sandbox. */
const lowestNumber = 64;

/** They are made by the child's last steps, and sent over a pair of sockets. */
export class PassedListeners {
  readonly places: ListeningPlaces;
  /** The child's end of the pair, by its own number. */
  readonly passed: readonly PassedDescriptor[];
  readonly #native: Native;
  readonly #onConnection: NonNullable<ConfinedSpawnRequest["onConnection"]>;
  readonly #listeners: SocketListener[] = [];
  #ends: number[];

  private constructor(
    native: Native,
    places: ListeningPlaces,
    own: number,
    onConnection: NonNullable<ConfinedSpawnRequest["onConnection"]>,
  ) {
    const { socket } = places;
    this.#native = native;
    this.#onConnection = onConnection;
    this.places = places;
    this.passed = [{ source: socket, number: socket }];
    this.#ends = [own, socket];
  }

  /**
   * Opens the pair; undefined where nobody is to listen.
   *
   * @throws {Error} with `code`, such as `"EMFILE"`
   */
  static prepare(native: Native, { plan, onConnection }: ConfinedSpawnRequest): PassedListeners | undefined {
    const { listens: ports = [] } = plan;
    if (ports.length === 0 || !onConnection) return undefined;
    const { c, errno, platform } = native.libc;
    const [own, other] = socketPair(native.libc);
    const socket = c.fcntl(other, platform.F_DUPFD_CLOEXEC, lowestNumber);
    const failure = errno();
    c.close(other);
    if (socket >= 0) return new PassedListeners(native, { ports, socket }, own, onConnection);
    c.close(own);
    throw systemError("fcntl", failure);
  }

  /**
   * Begins to accept, now that the child runs. Nothing happens where it is closed: one that ended at once may be heard of
   * before its start is.
   *
   * @throws {NotConfinedError} where the sockets did not come
   */
  accept(): void {
    if (this.#ends.length === 0) return;
    const { ports } = this.places;
    const sockets = this.#receive();
    sockets.forEach((socket, index) => {
      const port = ports[index]!;
      const serve = this.#onConnection;
      this.#listeners.push(
        new SocketListener(this.#native, socket, (connection) => serve(port, connection), port),
      );
    });
    if (sockets.length < ports.length) throw missing("some are missing");
  }

  #receive(): number[] {
    try {
      return receiveDescriptors(this.#native.libc, this.#ends[0]!, this.places.ports.length);
    } catch (error) {
      throw missing(failureText(error));
    } finally {
      this.#closeEnds();
    }
  }

  /** Accepts no more. */
  close(): void {
    this.#closeEnds();
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #closeEnds(): void {
    for (const end of this.#ends) this.#native.libc.c.close(end);
    this.#ends = [];
  }
}

function missing(why: string): NotConfinedError {
  return new NotConfinedError(`the sockets of its network did not come: ${why}`, "ask again");
}
