/** A proxy's front for SOCKS5: connections by TCP, without a password. */
import type { NetworkConnection } from "../host/network.ts";
import { ByteReader } from "./byte_reader.ts";
import type { Gate, RawConnection } from "./gate.ts";
import { type Authority, hostName } from "./host_name.ts";
import { relay } from "./relay.ts";

const version = 5;
const noPassword = 0;
const noAcceptableMethod = 0xff;
const [CONNECT] = [1];
const [IPV4, NAME, IPV6] = [1, 3, 4];

/** What a request is answered with. */
const replies = {
  succeeded: 0,
  failed: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  refused: 5,
  commandUnsupported: 7,
  addressUnsupported: 8,
} as const;

/** Serves a connection until it ends. Never throws. */
export async function serveSocks(connection: NetworkConnection, gate: Gate): Promise<void> {
  try {
    const reader = new ByteReader(connection);
    const target = await greet(reader, connection);
    if (!target) {
      connection.end();
      return;
    }
    await connect(target, reader, connection, gate);
  } catch {
    connection.destroy("reset");
  }
}

/** Reads what is asked for; undefined where it was refused. */
async function greet(reader: ByteReader, connection: NetworkConnection): Promise<Authority | undefined> {
  const [given, methods = 0] = await reader.readExactly(2) ?? [];
  if (given !== version) return undefined;
  const offered = await reader.readExactly(methods);
  if (!offered?.includes(noPassword)) {
    await connection.write(Uint8Array.of(version, noAcceptableMethod));
    return undefined;
  }
  await connection.write(Uint8Array.of(version, noPassword));
  const [again, command, , kind = 0] = await reader.readExactly(4) ?? [];
  if (again !== version) return undefined;
  const host = await readHost(reader, kind);
  const port = await reader.readExactly(2);
  if (host === undefined || !port) {
    await reply(connection, "addressUnsupported");
    return undefined;
  }
  // Listening for somebody, and datagrams.
  if (command !== CONNECT) {
    await reply(connection, "commandUnsupported");
    return undefined;
  }
  return { host, port: port[0]! * 256 + port[1]! };
}

async function readHost(reader: ByteReader, kind: number): Promise<string | undefined> {
  if (kind === NAME) {
    const [length = 0] = await reader.readExactly(1) ?? [];
    const bytes = await reader.readExactly(length);
    return bytes ? hostName(new TextDecoder().decode(bytes)) : undefined;
  }
  if (kind === IPV4) {
    const bytes = await reader.readExactly(4);
    return bytes ? hostName(bytes.join(".")) : undefined;
  }
  if (kind !== IPV6) return undefined;
  const bytes = await reader.readExactly(16);
  if (!bytes) return undefined;
  const words = Array.from({ length: 8 }, (_, index) => bytes[2 * index]! * 256 + bytes[2 * index + 1]!);
  return hostName(words.map((word) => word.toString(16)).join(":"));
}

async function connect(
  { host, port }: Authority,
  reader: ByteReader,
  connection: NetworkConnection,
  gate: Gate,
): Promise<void> {
  const ruling = await gate.decide({ protocol: "socks5_tcp", host, port, client: connection.peer });
  if (!ruling.allowed) {
    await reply(connection, "notAllowed");
    return connection.end();
  }
  let reached: RawConnection;
  try {
    reached = await gate.connectRaw({ host, port }, ruling.addresses);
  } catch (error) {
    const isRefused = (error as { code?: unknown }).code === "ECONNREFUSED";
    await reply(connection, isRefused ? "refused" : "hostUnreachable");
    return connection.end();
  }
  const { connection: upstream, early } = reached;
  const { signal } = gate;
  const end = () => upstream.destroy("reset");
  signal.addEventListener("abort", end);
  try {
    signal.throwIfAborted();
    await reply(connection, "succeeded");
    if (early) await connection.write(early);
    await relay(reader, connection, upstream);
  } finally {
    signal.removeEventListener("abort", end);
    upstream.destroy();
  }
}

/** Where the server is connected from is nobody's business. */
async function reply(connection: NetworkConnection, what: keyof typeof replies): Promise<void> {
  await connection.write(Uint8Array.of(version, replies[what], 0, IPV4, 0, 0, 0, 0, 0, 0));
}
