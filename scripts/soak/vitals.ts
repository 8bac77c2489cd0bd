/** What a server holds of its machine while it works. */
import { openFiles, residentMiB } from "../../tests/support/proc.ts";

/** One look at it. */
export interface Vitals {
  /** Minutes since the first look. */
  readonly minute: number;
  readonly memoryMiB: number;
  readonly descriptors: number;
  readonly threads: number;
}

export type Vital = "memoryMiB" | "descriptors" | "threads";

/** Looks at a server now and then. */
export class VitalsLog implements Disposable {
  readonly looks: Vitals[] = [];
  readonly #pid: number;
  readonly #started = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(pid: number, everyMs: number) {
    this.#pid = pid;
    this.look();
    this.#timer = setInterval(() => this.look(), everyMs);
  }

  /** Looks for the last time. */
  end(): void {
    this.look();
    this[Symbol.dispose]();
  }

  look(): void {
    try {
      this.looks.push({
        minute: (performance.now() - this.#started) / 60_000,
        memoryMiB: residentMiB(this.#pid),
        descriptors: openFiles(this.#pid),
        threads: [...Deno.readDirSync(`/proc/${this.#pid}/task`)].length,
      });
    } catch {
      // The server has ended, which somebody else reports.
    }
  }

  /** How much a vital sign grows in an hour: the line through the second half of the looks, when the first load is over. */
  slopePerHour(vital: Vital): number {
    const half = this.looks.slice(Math.floor(this.looks.length / 2));
    return 60 * slope(half.map((look) => [look.minute, look[vital]]));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The slope of the line nearest to some points, by least squares; 0 for fewer than two. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / n;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
