import { TOOL_OUTPUT_BYTES, TOOL_OUTPUT_HEAD_BYTES } from "../../limits.ts";

/** A stretch of output. */
export interface Excerpt {
  /** Where it begins, in bytes of all output: later than was asked for where that is no longer kept. */
  readonly from: number;
  /** Where it ends, which is where to read on. */
  readonly to: number;
  readonly text: string;
}

/** What a process wrote, as far as it is kept: its beginning, and the newest. A place in it is a number of bytes. */
export class Transcript {
  /** The newest output, in its first `#length` bytes. */
  #buffer = nothing;
  #length = 0;
  /** How much output there was before that. */
  #dropped = 0;
  /** The beginning, once it is not in the buffer any more. */
  #head = nothing;

  /** Bytes of output so far. */
  get end(): number {
    return this.#dropped + this.#length;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += TOOL_OUTPUT_HEAD_BYTES) {
      const part = bytes.subarray(at, at + TOOL_OUTPUT_HEAD_BYTES);
      if (this.#length + part.length > this.#buffer.length) this.#makeRoom(part.length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
    }
  }

  /**
   * Output from a place on, as whole characters.
   *
   * @param from counted from the end where it is negative
   */
  read(from: number, maxBytes: number): Excerpt {
    const wanted = Math.min(this.end, from < 0 ? Math.max(0, this.end + from) : from);
    const isInHead = wanted < this.#dropped && wanted < this.#head.length;
    const [kept, offset] = isInHead
      ? [this.#head, 0]
      : [this.#buffer.subarray(0, this.#length), this.#dropped];
    const start = Math.max(0, wanted - offset);
    const begin = wanted === from ? start : characterFrom(kept, start);
    const end = characterEnd(kept, begin, Math.min(kept.length, begin + maxBytes));
    return { from: begin + offset, to: end + offset, text: decoder.decode(kept.subarray(begin, end)) };
  }

  /** Twice as much as is kept is held, so that not every piece moves all of it. */
  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= 2 * TOOL_OUTPUT_BYTES) {
      const larger = new Uint8Array(Math.min(2 * TOOL_OUTPUT_BYTES, 2 * needed));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
      return;
    }
    if (this.#dropped === 0) this.#head = this.#buffer.slice(0, TOOL_OUTPUT_HEAD_BYTES);
    const surplus = needed - TOOL_OUTPUT_BYTES;
    this.#buffer.copyWithin(0, surplus, this.#length);
    this.#length -= surplus;
    this.#dropped += surplus;
  }
}

const nothing = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function isWithinCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The first place from one on where a character begins, if that is near. */
function characterFrom(bytes: Uint8Array, at: number): number {
  for (let place = at; place <= at + 3; place++) if (!isWithinCharacter(bytes[place])) return place;
  return at;
}

/** The last place up to one where a character has ended; that one itself where nothing would be left. */
function characterEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let place = end - 1; place >= Math.max(from, end - 4); place--) {
    if (isWithinCharacter(bytes[place])) continue;
    const first = bytes[place]!;
    const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return place + length > end && place > from ? place : end;
  }
  return end;
}
