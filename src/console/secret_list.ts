import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { unref } from "../unref.ts";

/** What is kept of a secret: its SHA-256, and what it gives. */
interface Kept<Value> {
  readonly digest: Buffer;
  readonly value: Value;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Values by secrets of which only the digests are kept, for some time. */
export class SecretList<Value> {
  readonly #lifetimeMs: number;
  readonly #onEnd: (value: Value) => void;
  readonly #kept = new Set<Kept<Value>>();

  /** @param onEnd called with each value whose time is over, or that is taken or dropped */
  constructor(lifetimeMs: number, onEnd: (value: Value) => void = () => {}) {
    this.#lifetimeMs = lifetimeMs;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Keeps a value under a new secret. */
  add(value: Value): { readonly secret: string; readonly expiresAtMs: number } {
    const secret = randomBytes(32).toString("base64url");
    const timer = unref(setTimeout(() => this.#end(kept), this.#lifetimeMs));
    const kept: Kept<Value> = { digest: digestOf(secret), value, timer };
    this.#kept.add(kept);
    return { secret, expiresAtMs: Date.now() + this.#lifetimeMs };
  }

  find(secret: string): Value | undefined {
    return this.#entry(secret)?.value;
  }

  /** Ends the value of a secret. */
  take(secret: string): void {
    const kept = this.#entry(secret);
    if (kept) this.#end(kept);
  }

  /** Ends the oldest value that is of a kind. @returns whether there was one */
  dropFirst(isOfKind: (value: Value) => boolean): boolean {
    for (const kept of this.#kept) {
      if (!isOfKind(kept.value)) continue;
      this.#end(kept);
      return true;
    }
    return false;
  }

  #entry(secret: string): Kept<Value> | undefined {
    const digest = digestOf(secret);
    // Digests have one length and say nothing of how much of a guess was right.
    return [...this.#kept].find((kept) => timingSafeEqual(kept.digest, digest));
  }

  #end(kept: Kept<Value>): void {
    clearTimeout(kept.timer);
    if (this.#kept.delete(kept)) this.#onEnd(kept.value);
  }
}

function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
