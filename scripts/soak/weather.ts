/** What happens to a connection while somebody works over it. */
import { FaultProxy } from "../../tests/faults/fault_proxy.ts";
import { delay } from "@std/async/delay";
import type { Random } from "./random.ts";

/** Latencies by turns, in milliseconds. */
const MOST_DELAY_MS = 200;
/** Milliseconds between two turns of the weather. */
const TURN_MS = { least: 500, most: 8_000 };
/** Milliseconds for which a connection stalls or nobody gets through; a client tries for longer than that. */
const MOST_AWAY_MS = 6_000;

type Turn = (proxy: FaultProxy, random: Random, signal: AbortSignal) => void | Promise<void>;

const turns: { readonly name: string; readonly weight: number; readonly turn: Turn }[] = [
  { name: "cut", weight: 4, turn: (proxy, random) => proxy.cut(random.pick(["close", "reset"])) },
  { name: "half-open", weight: 1, turn: (proxy) => proxy.halfOpen() },
  {
    name: "latency",
    weight: 2,
    turn: (proxy, random) => void (proxy.delayMs = random.chance(0.5) ? 0 : random.integer(1, MOST_DELAY_MS)),
  },
  {
    name: "cut in a frame",
    weight: 2,
    turn(proxy, random) {
      proxy.cutAfterBytes = () => random.chance(0.5) ? Infinity : random.magnitude(300, 4_000_000);
      proxy.cut();
    },
  },
  {
    name: "stall",
    weight: 2,
    async turn(proxy, random, signal) {
      proxy.stall();
      await rest(random.integer(50, MOST_AWAY_MS), signal);
      proxy.resume();
    },
  },
  {
    name: "nobody gets through",
    weight: 1,
    async turn(proxy, random, signal) {
      proxy.refusing = true;
      proxy.cut();
      await rest(random.integer(50, MOST_AWAY_MS), signal);
      proxy.refusing = false;
    },
  },
];

/** A proxy whose weather changes until the signal comes; then it is calm. */
export class Weather implements AsyncDisposable {
  /** How often each kind of weather came. */
  readonly counts: Record<string, number> = {};
  readonly #proxy: FaultProxy;
  readonly #changing: Promise<void>;

  private constructor(proxy: FaultProxy, random: Random, signal: AbortSignal) {
    this.#proxy = proxy;
    this.#changing = this.#change(random, signal);
  }

  static async begin(serverUrl: string, random: Random, signal: AbortSignal): Promise<Weather> {
    return new Weather(await FaultProxy.listen(serverUrl), random, signal);
  }

  /** Where a client connects. */
  get url(): string {
    return this.#proxy.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changing;
    await this.#proxy[Symbol.asyncDispose]();
  }

  async #change(random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await rest(random.integer(TURN_MS.least, TURN_MS.most), signal);
      if (signal.aborted) break;
      const { name, turn } = random.pick(turns, ({ weight }) => weight);
      this.counts[name] = (this.counts[name] ?? 0) + 1;
      await turn(this.#proxy, random, signal);
    }
    this.#proxy.delayMs = 0;
    this.#proxy.cutAfterBytes = () => Infinity;
  }
}

/** Waits, but no longer than until the signal comes. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, { signal }).catch(() => {});
}
