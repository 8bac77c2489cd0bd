import type { Native } from "../../posix/native.ts";
import { openPipe } from "../../posix/pipe.ts";
import { duplicateFrom, firstHighNumber, keepApart } from "./memory_file.ts";

/** Descriptors of one start, closed when it is over, however that ends. */
export class OwnDescriptors implements Disposable {
  readonly #native: Native;
  readonly #open = new Set<number>();

  constructor(native: Native) {
    this.#native = native;
  }

  add(descriptor: number): number {
    this.#open.add(descriptor);
    return descriptor;
  }

  /** Somebody else closes it. */
  handOver(descriptor: number): void {
    this.#open.delete(descriptor);
  }

  pipe(): { read: number; write: number } {
    const { libc } = this.#native;
    const { read, write } = openPipe(libc);
    this.add(read);
    this.add(write);
    // Under a number that the child has nothing else under.
    const apart = keepApart(libc, write);
    this.handOver(write);
    return { read, write: this.add(apart) };
  }

  /** Another one for the same, under a number above whatever is opened to make a sandbox. */
  duplicate(descriptor: number): number {
    return this.add(duplicateFrom(this.#native.libc, descriptor, firstHighNumber));
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#open) this.#native.libc.c.close(descriptor);
    this.#open.clear();
  }
}
