/** Passes bytes between two connections, each direction at its reader's pace. */
import type { NetworkConnection } from "../host/network.ts";
import { NETWORK_SPLICED_FROM_BYTES } from "../limits.ts";
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
  await pass(() => from.read(), from, to, Infinity);
  to.end();
}

/**
 * Passes bytes on until there have been so many, or no more come. A flow that goes on is left to the kernel, where that
 * can be.
 *
 * @param read reads the first connection, as long as something has been put back
 * @returns how many there were
 */
export async function pass(
  read: () => Promise<Uint8Array | null>,
  from: NetworkConnection,
  to: NetworkConnection,
  bytes: number,
): Promise<number> {
  let passed = 0;
  let isAsked = false;
  while (passed < bytes) {
    if (!isAsked && passed >= NETWORK_SPLICED_FROM_BYTES && from.pipeTo) {
      isAsked = true;
      passed += await from.pipeTo(to, bytes - passed);
      continue;
    }
    const next = await read();
    if (!next) break;
    await to.write(next);
    passed += next.length;
  }
  return passed;
}
