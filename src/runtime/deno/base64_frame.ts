import { Buffer } from "node:buffer";
import { BUFFERED_OUTPUT_BYTES, FLOOD_CHUNK_BYTES, IDLE_MESSAGE_BUFFERS } from "../../limits.ts";
import { encodeBase64 } from "../../protocol/base64.ts";

/** A message as bytes, on its way. */
interface Base64Frame {
  readonly frame: Buffer;
  /** Gives the memory back, once the frame was written. One whose write has failed may still be held by the socket. */
  release(error?: Error): void;
}

/** Bytes encoded in one go, a multiple of 3: their text is too short to be given pages of memory of its own. */
const PART_BYTES = 24 * 1024;
/** Bytes of text around the base64 that a buffer has room for. */
const TEXT_BYTES = 8 * 1024;
const BUFFER_BYTES = Math.ceil(FLOOD_CHUNK_BYTES / 3) * 4 + TEXT_BYTES;

const encoder = new TextEncoder();
const idle: Buffer[] = [];

/**
 * Writes a message into a buffer that was used before. As a text it would be joined, measured and converted, each time
 * in fresh memory: in a flood that costs several times what base64 itself does.
 *
 * @returns undefined where it is too short to be worth it, or does not fit
 */
export function base64Frame(before: string, bytes: Uint8Array, after: string): Base64Frame | undefined {
  if (bytes.length < BUFFERED_OUTPUT_BYTES || bytes.length > FLOOD_CHUNK_BYTES) return undefined;
  if ((before.length + after.length) * 3 > TEXT_BYTES) return undefined;
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let end = encoder.encodeInto(before, buffer).written;
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const text = encodeBase64(bytes.subarray(at, at + PART_BYTES));
    end += encoder.encodeInto(text, buffer.subarray(end)).written;
  }
  end += encoder.encodeInto(after, buffer.subarray(end)).written;
  return { frame: buffer.subarray(0, end), release: (error) => error || release(buffer) };
}

function release(buffer: Buffer): void {
  if (idle.length < IDLE_MESSAGE_BUFFERS) idle.push(buffer);
}
