/** Names and values by which a series differs from others of its metric. The values are from fixed sets, never a client's. */
export type Labels = Readonly<Record<string, string>>;

/** A value just now. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** How long things took, or how large they were. */
export interface Distribution {
  readonly labels: Labels;
  /** How many were at most as large as the bound of the same index, and larger than the one before. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** A metric and what it says just now. */
export type Metric =
  & { readonly name: string; readonly help: string }
  & (
    | { readonly kind: "counter" | "gauge"; readonly samples: readonly Sample[] }
    | {
      readonly kind: "histogram";
      readonly bounds: readonly number[];
      readonly distributions: Distribution[];
    }
  );

/** Seconds: from a request that is answered at once to one that waits. */
export const durationBounds: readonly number[] = [0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** Metrics, which are read now and then. What is counted for each byte or chunk is not told here, but asked for. */
export class MetricSet {
  readonly #metrics: (() => Metric)[] = [];

  /**
   * Something that is counted whenever it happens.
   *
   * @param known the series that are there from the beginning, at zero: a rise from nothing would not be seen
   */
  counter(name: string, help: string, known: readonly Labels[] = [{}]): Counter {
    const counter = new Counter(known);
    this.observe(name, "counter", help, () => counter.samples());
    return counter;
  }

  /** Something that is measured whenever it happens; what is known is as for a counter. */
  histogram(name: string, help: string, bounds = durationBounds, known: readonly Labels[] = []): Histogram {
    const histogram = new Histogram(bounds, known);
    this.#metrics.push(() => ({
      name,
      kind: "histogram",
      help,
      bounds,
      distributions: histogram.distributions(),
    }));
    return histogram;
  }

  /** Something that is known anyhow, and asked for when the metrics are read. */
  observe(name: string, kind: "counter" | "gauge", help: string, read: () => Iterable<Sample>): void {
    this.#metrics.push(() => ({ name, kind, help, samples: [...read()] }));
  }

  /** What all of them say just now. */
  collect(): Metric[] {
    return this.#metrics.map((read) => read());
  }
}

/** How often something has happened. */
export class Counter {
  readonly #series = new Series(() => ({ value: 0 }));

  constructor(known: readonly Labels[]) {
    for (const labels of known) this.#series.of(labels);
  }

  add(labels: Labels = {}): void {
    this.#series.of(labels).value++;
  }

  *samples(): Iterable<Sample> {
    for (const [labels, { value }] of this.#series.all()) yield { labels, value };
  }
}

/** How large what happened was. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #series: Series<{ counts: number[]; sum: number; count: number }>;

  constructor(bounds: readonly number[], known: readonly Labels[]) {
    this.#bounds = bounds;
    this.#series = new Series(() => ({ counts: new Array(bounds.length).fill(0), sum: 0, count: 0 }));
    for (const labels of known) this.#series.of(labels);
  }

  record(value: number, labels: Labels = {}): void {
    const series = this.#series.of(labels);
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.counts[bucket]!++;
    series.sum += value;
    series.count++;
  }

  distributions(): Distribution[] {
    return [...this.#series.all()].map(([labels, series]) => ({
      labels,
      ...series,
      counts: [...series.counts],
    }));
  }
}

/** What is kept for each set of labels that has come up. */
class Series<T> {
  readonly #make: () => T;
  readonly #series = new Map<string, [labels: Labels, value: T]>();

  constructor(make: () => T) {
    this.#make = make;
  }

  of(labels: Labels): T {
    const key = Object.values(labels).join("\n");
    let entry = this.#series.get(key);
    if (!entry) this.#series.set(key, entry = [labels, this.#make()]);
    return entry[1];
  }

  all(): Iterable<[labels: Labels, value: T]> {
    return this.#series.values();
  }
}
