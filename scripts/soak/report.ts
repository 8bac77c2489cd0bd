import type { Vital, VitalsLog } from "./vitals.ts";
import type { Tallies } from "./worker.ts";

/** What a soak that came out right did. */
export interface Result {
  readonly minutes: number;
  readonly seed: number;
  readonly tallies: Tallies;
  readonly weather: Readonly<Record<string, number>>;
  readonly shortages: number;
  /** Malformed and odd messages sent. */
  readonly messages: number;
  /** Processes that were looked for by pid after their end. */
  readonly processes: number;
  readonly vitals: VitalsLog;
}

const vitalNames: Readonly<Record<Vital, string>> = {
  memoryMiB: "memory, MiB",
  descriptors: "descriptors",
  threads: "threads",
};

/** The result as tables of Markdown. */
export function formatResult({ tallies, weather, vitals, ...rest }: Result): string {
  const activities = [...tallies].sort(([a], [b]) => a < b ? -1 : 1).map((
    [name, { right, interrupted, refused }],
  ) => `| ${name} | ${right} | ${interrupted} | ${refused} |`);
  const looks = vitals.looks;
  const signs = (Object.keys(vitalNames) as Vital[]).map((vital) => {
    const values = looks.map((look) => look[vital]);
    const most = Math.max(...values);
    const figures = [values[0]!, most, values.at(-1)!, vitals.slopePerHour(vital)].map((value) =>
      value.toFixed(1)
    );
    return `| ${vitalNames[vital]} | ${figures.join(" | ")} |`;
  });
  const happened = Object.entries(weather).map(([kind, count]) => `${count} × ${kind}`).join(", ");
  return [
    `${rest.minutes} minutes, seed ${rest.seed}: ${rest.processes} processes gone by pid, ${rest.messages} fuzzed messages.`,
    `Connections: ${happened}. Shortages of descriptors: ${rest.shortages}.`,
    "",
    "| Activity | right | interrupted, and told | refused, and told |",
    "| --- | ---: | ---: | ---: |",
    ...activities,
    "",
    "| Server | at the start | at the most | at the end | growth per hour |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...signs,
    "",
  ].join("\n");
}
