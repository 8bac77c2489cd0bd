import type { LimitName, OutputStream } from "../protocol/schemas/process.ts";

/** An event as it comes from the wire, in whatever order. */
export type WireEvent =
  | {
    readonly kind: "output";
    readonly seq: number;
    readonly stream: OutputStream;
    readonly bytes: Uint8Array;
  }
  | {
    readonly kind: "exited";
    readonly seq: number;
    readonly exitCode: number;
    readonly sandboxDenied: boolean;
    readonly limit?: LimitName | undefined;
  }
  | { readonly kind: "closed"; readonly seq: number }
  /** Everything from `seq` to `toSeq` is not to be had any more. */
  | { readonly kind: "gap"; readonly seq: number; readonly toSeq: number };

/** Events that came before an earlier one did. */
export class EarlyEvents {
  readonly #events = new Map<number, WireEvent>();
  readonly #gaps = new Set<Extract<WireEvent, { kind: "gap" }>>();
  #bytes = 0;

  /** How many they are. */
  get count(): number {
    return this.#events.size + this.#gaps.size;
  }

  /** The bytes of their output. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the exit is among them. */
  get haveExit(): boolean {
    return [...this.#events.values()].some(({ kind }) => kind === "exited");
  }

  /** The first number behind another one that is here; Infinity without. */
  firstAfter(seq: number): number {
    return Math.min(...[...this.#events.keys()].filter((early) => early > seq));
  }

  has(seq: number): boolean {
    return this.#events.has(seq);
  }

  add(event: WireEvent): void {
    if (event.kind === "gap") return void this.#gaps.add(event);
    this.#events.set(event.seq, event);
    this.#bytes += sizeOf(event);
  }

  /** The event of this number, or a gap that it is in, which is not early any more. */
  take(seq: number): WireEvent | undefined {
    const event = this.#events.get(seq);
    if (!event) return this.#takeGap(seq);
    this.#events.delete(seq);
    this.#bytes -= sizeOf(event);
    return event;
  }

  clear(): void {
    this.#events.clear();
    this.#gaps.clear();
    this.#bytes = 0;
  }

  #takeGap(seq: number): WireEvent | undefined {
    for (const gap of this.#gaps) {
      if (gap.seq > seq) continue;
      this.#gaps.delete(gap);
      if (gap.toSeq >= seq) return gap;
    }
    return undefined;
  }
}

function sizeOf(event: WireEvent): number {
  return event.kind === "output" ? event.bytes.length : 0;
}
