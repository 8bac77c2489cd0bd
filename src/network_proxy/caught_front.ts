/** A proxy's front for connections that know of none: they were to lead elsewhere, and were caught. */
import type { NetworkConnection } from "../host/network.ts";
import { ByteReader } from "./byte_reader.ts";
import type { Gate } from "./gate.ts";
import { type Authority, hostName } from "./host_name.ts";
import { nameAnswer } from "./name_answer.ts";
import { relay } from "./relay.ts";
import type { StandInNames } from "./stand_in_names.ts";

/** Where a connection was to lead, and the names that addresses stand for. */
export interface CaughtConnection {
  readonly destination: { readonly address: string; readonly port: number } | undefined;
  readonly names: StandInNames;
}

/** Serves a connection until it ends. What may not be is reset, as what breaks is. Never throws. */
export async function serveCaught(
  connection: NetworkConnection,
  { destination, names }: CaughtConnection,
  gate: Gate,
): Promise<void> {
  try {
    const target = destination && targetOf(destination, names);
    if (target) await connect(target, connection, gate);
  } catch {
    // As below.
  } finally {
    connection.destroy("reset");
  }
}

/** Undefined for an address that would stand for a name, and does not. */
function targetOf(
  { address, port }: NonNullable<CaughtConnection["destination"]>,
  names: StandInNames,
): Authority | undefined {
  const spelled = hostName(address);
  const name = spelled && names.nameOf(spelled);
  const host = name === undefined ? spelled : name;
  return host ? { host, port } : undefined;
}

async function connect({ host, port }: Authority, connection: NetworkConnection, gate: Gate): Promise<void> {
  const ruling = await gate.decide({ protocol: "socks5_tcp", host, port, client: connection.peer });
  if (!ruling.allowed) return;
  const { connection: upstream, early } = await gate.connectRaw({ host, port }, ruling.addresses);
  const { signal } = gate;
  const end = () => upstream.destroy("reset");
  signal.addEventListener("abort", end);
  try {
    signal.throwIfAborted();
    if (early) await connection.write(early);
    await relay(new ByteReader(connection), connection, upstream);
  } finally {
    signal.removeEventListener("abort", end);
    upstream.destroy();
  }
}

/** Answers questions for names, each behind its length. Never throws. */
export async function serveNames(connection: NetworkConnection, names: StandInNames): Promise<void> {
  try {
    const reader = new ByteReader(connection);
    for (let head = await reader.readExactly(2); head; head = await reader.readExactly(2)) {
      const question = await reader.readExactly(head[0]! * 256 + head[1]!);
      const answer = question && nameAnswer(question, names);
      if (!answer) break;
      await connection.write(Uint8Array.of(answer.length >> 8, answer.length & 0xff, ...answer));
    }
    connection.end();
  } catch {
    // As below.
  } finally {
    connection.destroy();
  }
}
