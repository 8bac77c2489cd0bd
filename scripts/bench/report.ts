/** What was measured, in words and tables. */
import type { Absent } from "./contender.ts";
import { floorNames, ourNames, rivalName } from "./contenders.ts";
import { type Goal, goals, reach } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { Measured, Sample } from "./measure.ts";
import { median, spread } from "./statistics.ts";

/** A whole bench, as `--json` prints it. */
export interface Report extends Measured {
  readonly machine: Machine;
  /** The command that makes it. */
  readonly command: string;
  /** In the order of the columns. */
  readonly contenders: readonly string[];
  readonly absent: readonly Absent[];
}

type Row = readonly string[];

/** For whoever ran it: medians with their spread, ratios, goals, and who is missing. */
export function formatText(report: Report): string {
  return [
    ...parts(report).map((part) => table(fullTable(part))),
    titled("Ratios of medians", table(ratioTable(report))),
    titled("Goals", table(goalTable(report))),
    outcome(report),
  ].filter(Boolean).join("\n");
}

/** For docs/performance.md: medians, with the ratio to the rival, and how they came about. */
export function formatMarkdown(report: Report): string {
  const { date, hardware, versions } = report.machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return [
    ...parts(report).map((part) => table(compactTable(part))),
    `Medians; in brackets the ratio to ${rivalName}; MB/s: more is better, everything else: less. ` +
    `Bare process and bare socket, on Deno / on Bun: the same work by the runtime's own spawn or WebSocket and ` +
    `nothing else.\n`,
    `Measured on ${date}, ${hardware}, with ${programs}, by \`${report.command}\`.\n`,
    outcome(report),
  ].filter(Boolean).join("\n");
}

/** How servers grow stands in a table of its own, with the columns of those it was measured with. */
function parts(report: Report): Report[] {
  const isGrowth = ({ metric }: Sample) => /, [\d,]+ idle /.test(metric.name);
  return [
    { ...report, samples: report.samples.filter((sample) => !isGrowth(sample)) },
    { ...report, samples: report.samples.filter(isGrowth) },
  ];
}

function titled(title: string, text: string): string {
  return text && `${title}\n\n${text}`;
}

/** Contenders that did anything of what was chosen. */
function measuredOf({ samples, contenders }: Report): string[] {
  return contenders.filter((name) => samples.some(({ values }) => values[name]));
}

function fullTable(report: Report): Row[] {
  const { samples } = report;
  const contenders = measuredOf(report);
  const cell = (numbers: number[] | undefined) =>
    numbers ? `${short(median(numbers))} ± ${short(spread(numbers))}` : "";
  return [
    ["", ...contenders],
    ...samples.map((sample) => [
      title(sample),
      ...contenders.map((name) => cell(sample.values[name])),
    ]),
  ];
}

function compactTable(report: Report): Row[] {
  const { samples } = report;
  const contenders = measuredOf(report);
  const floors = ["bare process", "bare socket"].filter((floor) =>
    contenders.some((name) => name.startsWith(floor))
  );
  const others = contenders.filter((name) => !floors.some((floor) => name.startsWith(floor)));
  return [
    ["", ...floors, ...others],
    ...samples.map((sample) => [
      title(sample),
      ...floors.map((floor) => {
        const pair = (["Deno", "Bun"] as const).map((runtime) => sample.values[`${floor}, ${runtime}`]);
        return pair.some(Boolean)
          ? pair.map((numbers) => numbers ? short(median(numbers)) : "–").join(" / ")
          : "";
      }),
      ...others.map((name) => {
        const numbers = sample.values[name];
        const ratio = name in ourNames ? ratioOf(sample, name, rivalName) : undefined;
        return numbers ? short(median(numbers)) + (ratio === undefined ? "" : ` (${ratio.toFixed(2)})`) : "";
      }),
    ]),
  ];
}

/** Every contender of ours by the rival, and by the floors of its own runtime. */
function ratioTable(report: Report): Row[] {
  const { samples } = report;
  const contenders = measuredOf(report);
  const pairs = Object.entries(ourNames).filter(([name]) => contenders.includes(name))
    .flatMap(([name, runtime]) =>
      [rivalName, ...floorNames(runtime)].filter((base) => contenders.includes(base)).map((base) => ({
        name,
        base,
      }))
    );
  return [
    ["", ...pairs.map(({ name, base }) => `${name} : ${base.split(",")[0]}`)],
    ...samples.map((sample) => [
      title(sample),
      ...pairs.map(({ name, base }) => ratioOf(sample, name, base)?.toFixed(2) ?? ""),
    ]),
  ];
}

function goalTable(report: Report): Row[] {
  const { samples } = report;
  const contenders = measuredOf(report);
  const ours = contenders.filter((name) => name in ourNames);
  const rows = goals.map((goal) => [
    goalTitle(goal, samples),
    ...ours.map((name) => {
      const reached = reach(goal, name, samples);
      return reached ? `${short(reached.value)} ${reached.isMet ? "met" : "MISSED"}` : "";
    }),
  ]).filter((row) => row.slice(1).some(Boolean));
  return [["", ...ours], ...rows];
}

function goalTitle({ metric: name, to, limit }: Goal, samples: readonly Sample[]): string {
  const metric = samples.find(({ metric }) => metric.name === name)?.metric;
  const bound = `${metric?.better === "higher" ? "at least" : "at most"} ${limit}`;
  return to ? `${name}: ${bound} of ${to === "rival" ? rivalName : to}` : `${name}: ${bound} ${metric?.unit}`;
}

/** Who is missing, and who failed, one line each. */
function outcome({ absent, failures }: Report): string {
  return [
    ...absent.map(({ name, reason }) => `Skipped ${name}: ${reason}`),
    ...failures.map(({ contender, workload, reason }) => `Failed: ${contender} at ${workload}: ${reason}`),
  ].map((line) => `${line}\n`).join("");
}

function ratioOf({ values }: Sample, name: string, base: string): number | undefined {
  const numbers = values[name];
  const others = values[base];
  return numbers && others ? median(numbers) / median(others) : undefined;
}

function title({ metric: { name, unit } }: Sample): string {
  return `${name}, ${unit}`;
}

function table([header, ...rows]: readonly Row[]): string {
  if (!header || rows.length === 0) return "";
  const lines = [header, header.map((_, i) => i === 0 ? "---" : "---:"), ...rows];
  const widths = header.map((_, i) => Math.max(...lines.map((row) => row[i]!.length)));
  return lines.map((row) =>
    `| ${row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(" | ")} |\n`
  ).join("");
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
