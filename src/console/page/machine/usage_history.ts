import type { MachineUsage, ProcessUsage } from "../../../../client.ts";

/** What a process uses, and the part of one processor that it had since the look before; undefined at the first. */
export interface ProcessRate extends ProcessUsage {
  readonly cpu: number | undefined;
}

/** Looks at a machine, as series for a plot: the newest stand last, and only so many are kept. */
export class UsageHistory {
  readonly #points: number;
  readonly #times: number[] = [];
  readonly #cpu: number[] = [];
  readonly #memory: number[] = [];
  #before: MachineUsage | undefined;

  /** @param points how many looks are kept */
  constructor(points: number) {
    this.#points = points;
  }

  /**
   * Takes a look in.
   *
   * @param atMs when it was made, in milliseconds since 1970
   * @returns what each process used since the one before
   */
  add(usage: MachineUsage, atMs: number): ProcessRate[] {
    const before = this.#before;
    this.#before = usage;
    this.#push(this.#times, atMs / 1000);
    this.#push(this.#cpu, 100 * busyBetween(before, usage));
    this.#push(this.#memory, usage.memory.total - usage.memory.available);
    const spanMs = before ? usage.uptimeMs - before.uptimeMs : 0;
    const earlier = new Map(before?.processes?.map((used) => [used.handle, used.cpuMs]));
    return (usage.processes ?? []).map((used) => {
      const cpuMs = earlier.get(used.handle);
      const known = cpuMs !== undefined && spanMs > 0;
      return { ...used, cpu: known ? Math.max(0, used.cpuMs - cpuMs) / spanMs : undefined };
    });
  }

  /** Seconds since 1970, and the processors' work then, in percent. */
  get cpu(): [number[], number[]] {
    return [this.#times, this.#cpu];
  }

  /** Seconds since 1970, and the bytes of memory in use then. */
  get memory(): [number[], number[]] {
    return [this.#times, this.#memory];
  }

  #push(series: number[], value: number): void {
    series.push(value);
    if (series.length > this.#points) series.shift();
  }
}

/** The part of all processors that worked: since the look before, whoever else looks meanwhile. */
function busyBetween(before: MachineUsage | undefined, { cpu, uptimeMs }: MachineUsage): number {
  if (!before || uptimeMs <= before.uptimeMs) return cpu.busy;
  const spanMs = (uptimeMs - before.uptimeMs) * cpu.cores;
  return Math.min(1, Math.max(0, (cpu.busyMs - before.cpu.busyMs) / spanMs));
}
