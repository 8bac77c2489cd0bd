/**
 * What goes over a carrier, one frame a message of the broker:
 *
 *     1 DATA    flags (1: last of its message, 2: its message is binary), u32 number of the frame, bytes
 *     2 CREDIT  u64 offset up to which the peer may send bytes of messages, counted from the beginning
 *     3 PING    payload
 *     4 PONG    payload
 *     5 CLOSE   reason
 */
export const frameKinds = { data: 1, credit: 2, ping: 3, pong: 4, close: 5 } as const;

/** A frame, taken apart. */
export type Frame =
  | {
    readonly kind: "data";
    readonly last: boolean;
    readonly binary: boolean;
    readonly number: number;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "credit"; readonly offset: number }
  | { readonly kind: "ping" | "pong" | "close"; readonly text: string };

const dataHeaderBytes = 6;
const lastFlag = 1;
const binaryFlag = 2;

/** A frame of a message's bytes. Its number counts them modulo 2^32. */
export function dataFrame(bytes: Uint8Array, number: number, last: boolean, binary: boolean): Uint8Array {
  const frame = new Uint8Array(dataHeaderBytes + bytes.length);
  frame[0] = frameKinds.data;
  frame[1] = (last ? lastFlag : 0) | (binary ? binaryFlag : 0);
  new DataView(frame.buffer).setUint32(2, number >>> 0);
  frame.set(bytes, dataHeaderBytes);
  return frame;
}

export function creditFrame(offset: number): Uint8Array {
  const frame = new Uint8Array(9);
  frame[0] = frameKinds.credit;
  new DataView(frame.buffer).setBigUint64(1, BigInt(offset));
  return frame;
}

export function textFrame(kind: "ping" | "pong" | "close", text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const frame = new Uint8Array(1 + bytes.length);
  frame[0] = frameKinds[kind];
  frame.set(bytes, 1);
  return frame;
}

/** Takes a frame apart; undefined for what is none. */
export function readFrame(frame: Uint8Array): Frame | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (frame[0]) {
    case frameKinds.data:
      if (frame.length < dataHeaderBytes) return undefined;
      return {
        kind: "data",
        last: (frame[1]! & lastFlag) !== 0,
        binary: (frame[1]! & binaryFlag) !== 0,
        number: view.getUint32(2),
        bytes: frame.subarray(dataHeaderBytes),
      };
    case frameKinds.credit:
      return frame.length === 9 ? { kind: "credit", offset: Number(view.getBigUint64(1)) } : undefined;
    case frameKinds.ping:
      return { kind: "ping", text: textOf(frame) };
    case frameKinds.pong:
      return { kind: "pong", text: textOf(frame) };
    case frameKinds.close:
      return { kind: "close", text: textOf(frame) };
    default:
      return undefined;
  }
}

function textOf(frame: Uint8Array): string {
  return new TextDecoder().decode(frame.subarray(1));
}
