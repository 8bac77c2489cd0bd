import { UsageError } from "./usage_error.ts";

/**
 * The keys of a flag such as `ctrl-p,ctrl-q` as bytes.
 *
 * @throws {UsageError} for anything else
 */
export function parseDetachKeys(text: string): Uint8Array {
  const keys = text.split(",").map((key) => {
    const letter = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (letter !== undefined) return letter.toUpperCase().charCodeAt(0) & 0x1f;
    return /^[\x21-\x7e]$/.test(key) ? key.charCodeAt(0) : undefined;
  });
  if (keys.every((key) => key !== undefined)) return new Uint8Array(keys);
  throw new UsageError(`--detach-keys takes keys such as ctrl-p,ctrl-q or ctrl-],d, not "${text}"`);
}

/** Looks for keys in what is typed. The beginning of them is held back until it shows whether the rest follows. */
export class DetachKeys {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** @returns what is to be passed on, and whether the keys have come */
  push(bytes: Uint8Array): { readonly typed: Uint8Array; readonly found: boolean } {
    const typed: number[] = [];
    for (const byte of bytes) {
      if (byte !== this.#keys[this.#matched]) {
        typed.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte !== this.#keys[this.#matched]) typed.push(byte);
      else if (++this.#matched === this.#keys.length) return { typed: new Uint8Array(typed), found: true };
    }
    return { typed: new Uint8Array(typed), found: false };
  }
}
