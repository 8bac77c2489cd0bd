/**
 * Messages as WebSocket frames, ready to be written (RFC 6455, section 5.2): whole, unmasked. `ws` would hand the
 * socket a header and a payload of its own for each, which it writes in two steps.
 */
import { Buffer } from "node:buffer";
import { BUFFERED_OUTPUT_BYTES, FLOOD_CHUNK_BYTES, IDLE_MESSAGE_BUFFERS } from "../../limits.ts";
import { encodeBase64 } from "../../protocol/base64.ts";

/** A frame in a buffer that is used again. */
export interface BufferedFrame {
  readonly frame: Buffer;
  /** Gives the buffer back, once the frame was written. One whose write has failed may still be held by the socket. */
  release(error?: Error | null): void;
}

/** Bytes of the longest header. */
const HEADER_BYTES = 10;
const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;
/** Characters of a text that is worth a frame here: with all its bytes it fits the runtime's pool of small buffers. */
const SHORT_TEXT = 1_000;
/** Bytes encoded in one go, a multiple of 3: their text is too short to be given pages of memory of its own. */
const PART_BYTES = 24 * 1024;
/** Bytes of text around the base64 that a buffer has room for. */
const TEXT_BYTES = 8 * 1024;
const BUFFER_BYTES = HEADER_BYTES + Math.ceil(FLOOD_CHUNK_BYTES / 3) * 4 + TEXT_BYTES;

const encoder = new TextEncoder();
const idle: Buffer[] = [];

/** The frame of a short text; undefined for one that is longer. */
export function shortFrame(text: string): Buffer | undefined {
  if (text.length > SHORT_TEXT) return undefined;
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + text.length * 3);
  return frameIn(buffer, HEADER_BYTES + write(text, buffer, HEADER_BYTES));
}

/**
 * The frame of some text, the base64 of some bytes, and more text. As one text it would be joined, measured and
 * converted, each time in fresh memory: in a flood that costs several times what base64 itself does.
 *
 * @returns undefined where it is too short to be worth a buffer, or does not fit
 */
export function base64Frame(before: string, bytes: Uint8Array, after: string): BufferedFrame | undefined {
  if (bytes.length < BUFFERED_OUTPUT_BYTES || bytes.length > FLOOD_CHUNK_BYTES) return undefined;
  if ((before.length + after.length) * 3 > TEXT_BYTES) return undefined;
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let end = HEADER_BYTES + write(before, buffer, HEADER_BYTES);
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    end += write(encodeBase64(bytes.subarray(at, at + PART_BYTES)), buffer, end);
  }
  end += write(after, buffer, end);
  return { frame: frameIn(buffer, end), release: (error) => error || release(buffer) };
}

/** The beginning of a binary frame: its header, and the first bytes of its payload, behind which so many more follow. */
export function binaryFrameHead(first: Uint8Array, more: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + first.length);
  buffer.set(first, HEADER_BYTES);
  return frameIn(buffer, buffer.length, { first: FINAL_BINARY, more });
}

function write(text: string, buffer: Buffer, at: number): number {
  return encoder.encodeInto(text, buffer.subarray(at)).written;
}

/** Writes the header in front of the payload, which begins behind the room for one. */
function frameIn(buffer: Buffer, end: number, { first = FINAL_TEXT, more = 0 } = {}): Buffer {
  const length = end - HEADER_BYTES + more;
  const start = HEADER_BYTES - (length < 126 ? 2 : length < 65_536 ? 4 : 10);
  buffer[start] = first;
  if (length < 126) {
    buffer[start + 1] = length;
  } else if (length < 65_536) {
    buffer[start + 1] = 126;
    buffer.writeUInt16BE(length, start + 2);
  } else {
    buffer[start + 1] = 127;
    buffer.writeBigUInt64BE(BigInt(length), start + 2);
  }
  return buffer.subarray(start, end);
}

function release(buffer: Buffer): void {
  if (idle.length < IDLE_MESSAGE_BUFFERS) idle.push(buffer);
}
