/** Machine code that is being written: bytes, and jumps to places that need not be written yet. */
export class Assembler {
  readonly #bytes: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { at: number; to: string; patch: JumpPatch }[] = [];

  bytes(...bytes: readonly number[]): this {
    this.#bytes.push(...bytes);
    return this;
  }

  /** Four bytes, the lowest first. */
  word(value: number): this {
    return this.bytes(...littleEndian(value));
  }

  label(name: string): this {
    this.#labels.set(name, this.#bytes.length);
    return this;
  }

  /** Four bytes that are made from the distance to a label, counted from where they stand. */
  jump(to: string, patch: JumpPatch): this {
    this.#jumps.push({ at: this.#bytes.length, to, patch });
    return this.word(0);
  }

  /** @throws {Error} for a jump to a label that is not there */
  assemble(): Uint8Array<ArrayBuffer> {
    const code = Uint8Array.from(this.#bytes);
    for (const { at, to, patch } of this.#jumps) {
      const label = this.#labels.get(to);
      if (label === undefined) throw new Error(`No label "${to}"`);
      code.set(littleEndian(patch(label - at)), at);
    }
    return code;
  }
}

/** Makes a jump's four bytes from its distance. */
type JumpPatch = (distance: number) => number;

function littleEndian(value: number): number[] {
  return [value, value >>> 8, value >>> 16, value >>> 24].map((byte) => byte & 0xff);
}
