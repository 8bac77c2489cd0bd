/** Passes bytes between two connections, each direction at its reader's pace. */
import type { NetworkConnection } from "../host/network.ts";
import type { ByteReader } from "./byte_reader.ts";

/**
 * Passes everything on, both ways, until both have ended or one breaks; then both are gone.
 *
 * @param reader what of the first was read already comes from it
 */
export async function relay(
  reader: ByteReader,
  one: NetworkConnection,
  other: NetworkConnection,
): Promise<void> {
  try {
    await Promise.all([copyRest(reader, one, other), copy(other, one)]);
    one.destroy();
    other.destroy();
  } catch {
    // Whoever reads learns that it was no regular end.
    one.destroy("reset");
    other.destroy("reset");
  }
}

async function copyRest(reader: ByteReader, from: NetworkConnection, to: NetworkConnection): Promise<void> {
  const rest = reader.takeRest();
  if (rest) await to.write(rest);
  await copy(from, to);
}

async function copy(from: NetworkConnection, to: NetworkConnection): Promise<void> {
  if (from.pipeTo && await from.pipeTo(to)) return;
  for (let bytes = await from.read(); bytes; bytes = await from.read()) await to.write(bytes);
  to.end();
}
