type Part = "magic" | "skippable size" | "descriptor" | "header" | "block" | "data" | "over";

/** Follows the structure of one zstd frame (RFC 8878, section 3.1) through its bytes, to know where it ends. */
export class ZstdFrame {
  #part: Part = "magic";
  /** The bytes of a part that is looked at, so far. */
  readonly #bytes: number[] = [];
  /** How many bytes that part has, or how many are to be passed over. */
  #left = 4;
  #hasChecksum = false;
  #isLastBlock = false;

  /** Whether all of it has been taken. */
  get isOver(): boolean {
    return this.#part === "over";
  }

  /**
   * Takes those of some bytes that belong to the frame, and says how many.
   *
   * @throws {Error} when it is no frame
   */
  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.isOver) {
      if (this.#part === "data") {
        const passed = Math.min(this.#left, bytes.length - at);
        at += passed;
        this.#left -= passed;
      } else {
        this.#bytes.push(bytes[at++]!);
        this.#left--;
      }
      while (this.#left === 0 && !this.isOver) this.#advance();
    }
    return at;
  }

  #advance(): void {
    const bytes = this.#bytes.splice(0);
    switch (this.#part) {
      case "magic":
        return this.#begin(littleEndian(bytes));
      case "skippable size":
        this.#isLastBlock = true;
        return this.#expect("data", littleEndian(bytes));
      case "descriptor":
        return this.#expect("header", this.#headerBytes(bytes[0]!));
      case "header":
        return this.#expect("block", 3);
      case "block":
        return this.#beginBlock(littleEndian(bytes));
      case "data":
        if (!this.#isLastBlock) return this.#expect("block", 3);
        if (!this.#hasChecksum) return this.#expect("over", 0);
        this.#hasChecksum = false;
        return this.#expect("data", 4);
    }
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#left = bytes;
  }

  #begin(magic: number): void {
    if (magic === 0xfd2fb528) return this.#expect("descriptor", 1);
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) return this.#expect("skippable size", 4);
    throw new Error("it is no zstd");
  }

  /** Bytes of the header behind its descriptor: window, dictionary, size of the content. */
  #headerBytes(descriptor: number): number {
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const window = isSingleSegment ? 0 : 1;
    const dictionary = [0, 1, 2, 4][descriptor & 0x03]!;
    const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    return window + dictionary + contentSize;
  }

  #beginBlock(header: number): void {
    this.#isLastBlock = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) throw new Error("its zstd has a block of an unknown type");
    const isRepeatedByte = type === 1;
    this.#expect("data", isRepeatedByte ? 1 : header >>> 3);
  }
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduce((value, byte, index) => value + byte * 2 ** (8 * index), 0);
}
