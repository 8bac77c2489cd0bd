/** The memory of another process. */
import type { Libc } from "../../posix/libc.ts";
import { systemError } from "../../posix/system_error.ts";
import { type Processor, systemCallNumber } from "../runner/system_calls.ts";

/** Read at once: what lies together, as arguments do, takes few calls. */
const blockBytes = 4096;
/** Two `struct iovec` stand before the block that is read. */
const blockAt = 32;

/**
 * Reads the memory of a process that waits: each part of it once, so that what is told of it is what was looked at.
 * Addresses are numbers: those of programs have 47 bits, or 56 where they ask for it.
 */
export class OtherMemory {
  readonly #libc: Libc;
  readonly #call: number;
  readonly #pid: number;
  readonly #blocks = new Map<number, Uint8Array>();

  constructor(libc: Libc, processor: Processor, pid: number) {
    this.#libc = libc;
    this.#call = systemCallNumber("process_vm_readv", processor);
    this.#pid = pid;
  }

  /** @throws {Error} with `code`: `"EFAULT"` where nothing is, `"EPERM"` where it may not be read, `"ESRCH"` after its end */
  bytes(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const block = this.#from(address + done);
      const part = block.subarray(0, length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** A word of 64 bits, as a number. */
  word(address: number): number {
    const bytes = this.bytes(address, 8);
    return Number(new DataView(bytes.buffer).getBigUint64(0, true));
  }

  /**
   * Bytes up to the NUL behind them.
   *
   * @throws {Error} with `code` E2BIG where there are more
   */
  text(address: number, atMost: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const block = this.#from(address + length);
      const end = block.indexOf(0);
      const part = end < 0 ? block : block.subarray(0, end);
      length += part.length;
      if (length > atMost) throw Object.assign(new Error("A text is too long"), { code: "E2BIG" });
      parts.push(part);
      if (end >= 0) break;
    }
    return joined(parts, length);
  }

  /** What follows an address in its block: at least one byte. */
  #from(address: number): Uint8Array {
    const offset = address % blockBytes;
    const start = address - offset;
    let block = this.#blocks.get(start);
    if (!block) this.#blocks.set(start, block = this.#read(start));
    return block.subarray(offset);
  }

  #read(start: number): Uint8Array {
    const { c, addressOf, errno } = this.#libc;
    const whole = new Uint8Array(new ArrayBuffer(blockAt + blockBytes));
    const base = addressOf(whole);
    new BigUint64Array(whole.buffer, 0, 4).set([
      base + BigInt(blockAt),
      BigInt(blockBytes),
      BigInt(start),
      BigInt(blockBytes),
    ]);
    const local = Number(base);
    const read = c.systemCall(this.#call, this.#pid, local, 1, local + 16, 1, 0);
    if (read < 0) throw systemError("process_vm_readv", errno());
    return whole.subarray(blockAt, blockAt + read);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
