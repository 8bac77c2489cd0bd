import { isIP } from "node:net";
import { TCP_CONNECT_MS, TCP_CONNECTIONS, TCP_WINDOW_BYTES, TCP_WINDOW_CHUNKS } from "../limits.ts";
import type { Host } from "../host/host.ts";
import type { NetworkConnection } from "../host/network.ts";
import type { LogHold } from "../log/log_hold.ts";
import { failed, refused } from "../native/operation_error.ts";
import { failureText } from "../native/os_errors.ts";
import { ConnectionChild } from "../process/connection_child.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ProcessId } from "../protocol/ids.ts";
import type { Attachment } from "../session/attachment.ts";
import type { Session } from "../session/session.ts";

/** The names of a machine for itself. */
const loopback = ["localhost", "127.0.0.1", "::1"];

/** Which ports are connected to. */
export interface ForwardingOptions {
  /** False where none is; true by default. */
  readonly isOn?: boolean | undefined;
  /** Hosts beside this machine's loopback addresses, as clients name them. */
  readonly hosts?: readonly string[] | undefined;
}

/** What a client asks for. */
export interface ForwardRequest {
  readonly processId: ProcessId;
  readonly port: number;
  readonly host?: string | undefined;
}

/** The connections to ports that a server makes for its clients. */
export class Forwarding {
  readonly isOn: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #openNetwork: Host["openNetwork"];
  /** How far the readers of connections have come. */
  readonly #taken = new WeakMap<ManagedProcess, LogHold>();
  readonly #open = new Set<ManagedProcess>();
  /** How many are being made for a session. */
  readonly #making = new WeakMap<Session, number>();
  /** Bytes of connections that have closed. */
  readonly #closedBytes = { in: 0, out: 0 };

  constructor({ isOn = true, hosts = [] }: ForwardingOptions, openNetwork: Host["openNetwork"]) {
    this.isOn = isOn;
    this.#hosts = new Set([...loopback, ...hosts.map((host) => host.toLowerCase())]);
    this.#openNetwork = openNetwork;
  }

  /** Connections that have not closed. */
  get active(): number {
    return this.#open.size;
  }

  /** Bytes that clients have sent to ports (`in`), and those that came from there (`out`). */
  get bytes(): { readonly in: number; readonly out: number } {
    const sum = { ...this.#closedBytes };
    for (const { inputBytes, log } of this.#open) {
      sum.in += inputBytes;
      sum.out += log.offset;
    }
    return sum;
  }

  /**
   * Connects to a port for a session, which follows the connection.
   *
   * @param signal aborted when nobody waits for it any more
   * @throws {OperationError} REFUSED where that is not wanted, and for too many; FAILED where nobody answers
   */
  async connect(
    session: Session,
    { processId, port, host }: ForwardRequest,
    signal: AbortSignal,
  ): Promise<{ readonly attachment: Attachment; readonly address: string }> {
    this.#check(session, host);
    this.#making.set(session, (this.#making.get(session) ?? 0) + 1);
    let connection: NetworkConnection;
    try {
      connection = await this.#reach(host, port, signal);
    } finally {
      this.#making.set(session, this.#making.get(session)! - 1);
    }
    try {
      if (signal.aborted) throw refused("the connection is gone");
      return { attachment: this.#follow(session, processId, connection), address: connection.peer };
    } catch (error) {
      connection.destroy("reset");
      throw error;
    }
  }

  /** The reader of a connection has come so far. */
  taken({ process }: Attachment, seq: number): void {
    this.#taken.get(process)?.advance(Math.min(seq, process.log.nextSeq - 1));
  }

  #check(session: Session, host: string | undefined): void {
    if (!this.isOn) {
      throw refused("this server forwards no ports: it was started with --no-forward or --require-sandbox");
    }
    if (host !== undefined && !this.#hosts.has(host.toLowerCase())) {
      throw refused(
        `this server forwards ports of its own machine, not of "${host}": start it with --forward-to ${host}`,
      );
    }
    let open = this.#making.get(session) ?? 0;
    for (const { log } of session.processes.connections()) if (!log.closed) open++;
    if (open >= TCP_CONNECTIONS) {
      throw refused(`at most ${TCP_CONNECTIONS} connections to ports at once: close some`);
    }
  }

  async #reach(host: string | undefined, port: number, signal: AbortSignal): Promise<NetworkConnection> {
    const { plainNetwork } = await import("../network_proxy/plain_network.ts");
    const network = await this.#openNetwork?.() ?? plainNetwork;
    const given = AbortSignal.any([signal, AbortSignal.timeout(TCP_CONNECT_MS)]);
    let failure: unknown;
    for (const address of await addressesOf(host)) {
      try {
        return await network.connect(address, port, given);
      } catch (error) {
        failure ??= error;
      }
    }
    const reason = given.aborted && !signal.aborted
      ? `no answer in ${TCP_CONNECT_MS / 1000} s`
      : failureText(failure);
    throw failed(`Cannot connect to port ${port} of ${host ?? "this machine"}: ${reason}`, {
      cause: failure,
    });
  }

  #follow(session: Session, processId: ProcessId, connection: NetworkConnection): Attachment {
    const child = new ConnectionChild(connection);
    const attachment = session.connect(processId, child);
    const { process } = attachment;
    const hold = process.log.hold(0, { bytes: TCP_WINDOW_BYTES, chunks: TCP_WINDOW_CHUNKS });
    this.#taken.set(process, hold);
    child.onEnd = () => hold.release();
    process.forgotten.add(() => hold.release());
    this.#open.add(process);
    process.closed.then(() => {
      this.#open.delete(process);
      this.#closedBytes.in += process.inputBytes;
      this.#closedBytes.out += process.log.offset;
    });
    return attachment;
  }
}

/** The first of them that answers is taken. */
async function addressesOf(host: string | undefined): Promise<readonly string[]> {
  if (host === undefined || host.toLowerCase() === "localhost") return ["127.0.0.1", "::1"];
  if (isIP(host)) return [host];
  try {
    const { lookup } = await import("node:dns/promises");
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw failed(`Cannot find the host "${host}": ${failureText(error)}`, { cause: error });
  }
}
