/** WebSocket frames (RFC 6455, section 5.2), including those that a well-behaved client never sends. */
import type { ByteReader } from "./byte_reader.ts";

/** The frame types in use. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A received frame. */
export interface Frame {
  opcode: number;
  /** Last frame of its message. */
  final: boolean;
  payload: Uint8Array;
}

/** How a frame is written; by default as a client must. */
export interface FrameOptions {
  /** A text frame by default. */
  opcode?: number;
  /** False: more frames of the message follow. */
  final?: boolean;
  /** False: the payload goes out bare, against the protocol. */
  mask?: boolean;
  /** Bits of the first byte that only an extension may set. */
  rsv?: number;
}

const maskingKey = [9, 8, 7, 6] as const;

/** The bytes of one frame. */
export function encodeFrame(payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { opcode = Opcode.text, final = true, mask = true, rsv = 0 } = options;
  const extended = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const start = 2 + extended + (mask ? 4 : 0);
  const frame = new Uint8Array(start + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = (final ? 0x80 : 0) | rsv | opcode;
  frame[1] = (mask ? 0x80 : 0) | (extended === 0 ? payload.length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, payload.length);
  if (extended === 8) view.setBigUint64(2, BigInt(payload.length));
  frame.set(payload, start);
  if (mask) {
    frame.set(maskingKey, start - 4);
    for (let index = 0; index < payload.length; index++) frame[start + index]! ^= maskingKey[index & 3]!;
  }
  return frame;
}

/** Reads one frame of a server, which never masks. */
export async function readFrame(reader: ByteReader): Promise<Frame> {
  const [first, second] = await reader.exactly(2) as unknown as [number, number];
  let length = second & 0x7f;
  if (length >= 126) {
    const size = await reader.exactly(length === 126 ? 2 : 8);
    length = size.reduce((value, byte) => value * 256 + byte, 0);
  }
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload: await reader.exactly(length) };
}
