import type { OutputStream } from "../protocol/schemas/process.ts";

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
  }
  | { readonly kind: "closed"; readonly seq: number };

/** Events that came before an earlier one did. */
export class EarlyEvents {
  readonly #events = new Map<number, WireEvent>();
  #bytes = 0;

  /** How many they are. */
  get count(): number {
    return this.#events.size;
  }

  /** The bytes of their output. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the exit is among them. */
  get haveExit(): boolean {
    return [...this.#events.values()].some(({ kind }) => kind === "exited");
  }

  has(seq: number): boolean {
    return this.#events.has(seq);
  }

  add(event: WireEvent): void {
    this.#events.set(event.seq, event);
    this.#bytes += sizeOf(event);
  }

  /** The event of this number, which is not early any more. */
  take(seq: number): WireEvent | undefined {
    const event = this.#events.get(seq);
    if (!event) return undefined;
    this.#events.delete(seq);
    this.#bytes -= sizeOf(event);
    return event;
  }

  clear(): void {
    this.#events.clear();
    this.#bytes = 0;
  }
}

function sizeOf(event: WireEvent): number {
  return event.kind === "output" ? event.bytes.length : 0;
}
