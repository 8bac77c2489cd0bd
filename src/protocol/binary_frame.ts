/**
 * Binary messages: a header of {@linkcode FRAME_HEADER_BYTES} bytes, two texts, and bytes as they are. All numbers are
 * big-endian.
 *
 * | At | Bytes | What it is                                             |
 * | -: | ----: | ------------------------------------------------------ |
 * |  0 |     1 | the kind                                               |
 * |  1 |     1 | what the kind makes of it: a stream, or flags          |
 * |  2 |     2 | bytes of the first text, a name in UTF-8               |
 * |  4 |     2 | bytes of the second text                               |
 * |  6 |     2 | 0                                                      |
 * |  8 |     8 | a number: a `seq`, or the id of a request              |
 * | 16 |     8 | an offset in a file, or 0                              |
 * | 24 |       | the first text, the second text, and all that is left  |
 */

/** Bytes before the texts. */
export const FRAME_HEADER_BYTES = 24;

/**
 * The first byte of a frame. No text in UTF-8 begins with any of them, so that JSON in a binary message is known for what
 * it is.
 */
export const frameKinds = {
  output: 0x81,
  block: 0x82,
  file: 0x83,
  write: 0x91,
  writeBlock: 0x92,
  writeFile: 0x93,
} as const;

/** A binary message taken apart. */
export interface Frame {
  readonly kind: number;
  /** What the kind makes of it. */
  readonly detail: number;
  readonly first: string;
  readonly second: string;
  /** A number, or a bigint above 2^53. */
  readonly number: number | bigint;
  readonly offset: number | bigint;
  readonly bytes: Uint8Array;
}

/** What a frame has in front of its bytes. A text that was encoded before may be given as its bytes. */
export interface FrameHead {
  readonly kind: number;
  readonly detail?: number;
  readonly first?: string | Uint8Array;
  readonly second?: string;
  readonly number: number | bigint;
  readonly offset?: number | bigint;
}

/** Bytes that a text may have. */
const TEXT_BYTES = 0xffff;
const nothing = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether a binary message is a frame, and not JSON. */
export function isFrame(message: Uint8Array): boolean {
  return message.length > 0 && (message[0]! & 0xc0) === 0x80;
}

/** Header and texts of a frame; undefined where they do not fit. */
export function formatFrameHead(head: FrameHead): Uint8Array<ArrayBuffer> | undefined {
  const first = typeof head.first === "string" ? encoder.encode(head.first) : head.first ?? nothing;
  const second = head.second === undefined ? nothing : encoder.encode(head.second);
  if (first.length > TEXT_BYTES || second.length > TEXT_BYTES) return undefined;
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + first.length + second.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = head.kind;
  bytes[1] = head.detail ?? 0;
  view.setUint16(2, first.length);
  view.setUint16(4, second.length);
  setUnsigned(view, 8, head.number);
  setUnsigned(view, 16, head.offset ?? 0);
  bytes.set(first, FRAME_HEADER_BYTES);
  bytes.set(second, FRAME_HEADER_BYTES + first.length);
  return bytes;
}

/**
 * Takes a binary message apart.
 *
 * @returns what is wrong with it, where it is no frame
 */
export function parseFrame(message: Uint8Array): Frame | string {
  if (message.length < FRAME_HEADER_BYTES) return `a frame has at least ${FRAME_HEADER_BYTES} bytes`;
  const view = new DataView(message.buffer, message.byteOffset, FRAME_HEADER_BYTES);
  const second = FRAME_HEADER_BYTES + view.getUint16(2);
  const end = second + view.getUint16(4);
  if (end > message.length) return "the frame ends within its texts";
  if (view.getUint16(6) !== 0) return "bytes 6 and 7 of a frame must be 0";
  try {
    return {
      kind: message[0]!,
      detail: message[1]!,
      first: decoder.decode(message.subarray(FRAME_HEADER_BYTES, second)),
      second: second === end ? "" : decoder.decode(message.subarray(second, end)),
      number: getUnsigned(view, 8),
      offset: getUnsigned(view, 16),
      bytes: owned(message.subarray(end)),
    };
  } catch {
    return "a text of the frame is not UTF-8";
  }
}

function setUnsigned(view: DataView, at: number, value: number | bigint): void {
  if (typeof value === "bigint") return view.setBigUint64(at, value);
  view.setUint32(at, value / 2 ** 32);
  view.setUint32(at + 4, value % 2 ** 32);
}

function getUnsigned(view: DataView, at: number): number | bigint {
  const high = view.getUint32(at);
  return high < 2 ** 21 ? high * 2 ** 32 + view.getUint32(at + 4) : view.getBigUint64(at);
}

/** Bytes that may be kept, whatever kind of buffer they came in: few of a large one would keep all of it. */
function owned(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  return length * 2 < buffer.byteLength ? new Uint8Array(bytes) : new Uint8Array(buffer, byteOffset, length);
}
