import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { Wire } from "../../tests/support/wire.ts";
import { fuzzedMessage } from "./fuzz_messages.ts";
import type { Random } from "./random.ts";

/** Messages sent in a row, before the server is asked whether it still answers. */
const BATCH = 200;
/** Milliseconds in which a server answers that is sent nonsense, however busy it is. */
const ANSWER_MS = 60_000;

/** How a server is fuzzed. */
export interface FuzzOptions {
  readonly url: string;
  readonly random: Random;
  /** Messages in all, and the milliseconds over which they are spread. */
  readonly messages: number;
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a server messages as no client sends them. It may refuse them or drop the connection, and must answer a client that
 * means well at once.
 *
 * @returns how many were sent
 * @throws {Error} where the server does not answer
 */
export async function fuzz({ url, random, messages, durationMs, signal }: FuzzOptions): Promise<number> {
  const started = performance.now();
  let sent = 0;
  while (sent < messages && !signal.aborted) {
    const ahead = sent / messages * durationMs - (performance.now() - started);
    if (ahead > 0) await delay(ahead, { signal }).catch(() => {});
    sent += await batch(url, random, Math.min(BATCH, messages - sent));
  }
  return sent;
}

async function batch(url: string, random: Random, messages: number): Promise<number> {
  using wire = await connect(url);
  wire.onNotification = () => {};
  // Some begin without a handshake.
  if (random.chance(0.9)) await wire.initialize().catch(() => {});
  for (let left = messages; left > 0; left--) {
    const { payload, opcode } = fuzzedMessage(random);
    await wire.sendFrame(payload, { opcode });
  }
  await Promise.race([wire.closed, wire.request("process/list", null).catch(() => {})]);
  using sane = await connect(url);
  await deadline(sane.initialize(), ANSWER_MS);
  return messages;
}

/** Connects, for as long as a server that is short of descriptors may take to take it. */
async function connect(url: string): Promise<Wire> {
  for (const end = performance.now() + ANSWER_MS;;) {
    try {
      return await deadline(Wire.open(url), ANSWER_MS);
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(100);
    }
  }
}
