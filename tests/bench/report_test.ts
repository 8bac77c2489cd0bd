import { deepEqual, equal, match } from "node:assert/strict";
import { goals, reach } from "../../scripts/bench/goals.ts";
import { ms, rate } from "../../scripts/bench/metric.ts";
import { formatMarkdown, formatText, type Report } from "../../scripts/bench/report.ts";
import { workloads } from "../../scripts/bench/workloads/all.ts";

const report: Report = {
  machine: { date: "2026-01-31", hardware: "2 cores of Example", versions: { Deno: "2.9.6", codex: "0.1" } },
  command: "deno task bench",
  contenders: ["bare socket, Deno", "bare socket, Bun", "Deno", "Bun", "codex"],
  absent: [{ name: "sshd", reason: "It is not installed" }],
  failures: [{ contender: "Bun", workload: "round trip", reason: "The server ended the connection" }],
  samples: [
    {
      metric: ms("round trip"),
      values: { "bare socket, Deno": [0.1], "Deno": [0.2, 0.3, 0.4], "codex": [0.6] },
    },
    {
      metric: rate("bulk output"),
      values: {
        "bare socket, Deno": [1000],
        "bare socket, Bun": [800],
        "Deno": [900],
        "Bun": [200],
        "codex": [100],
      },
    },
  ],
};

/** The cells of every row of a Markdown table. */
function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("formatMarkdown() shows medians, ratios to the rival, and floors by runtime", () => {
  deepEqual(rows(formatMarkdown(report)).filter(([first]) => first !== "---"), [
    ["", "bare socket", "Deno", "Bun", "codex"],
    ["round trip, ms", "0.10 / –", "0.30 (0.50)", "", "0.60"],
    ["bulk output, MB/s", "1000 / 800", "900 (9.00)", "200 (2.00)", "100"],
  ]);
});

Deno.test("formatMarkdown() names machine, versions, date and command", () => {
  match(
    formatMarkdown(report),
    /Measured on 2026-01-31, 2 cores of Example, with Deno 2\.9\.6, codex 0\.1, by `deno task bench`/,
  );
});

Deno.test("both formats tell who is missing and who failed, and why", () => {
  for (const text of [formatMarkdown(report), formatText(report)]) {
    match(text, /^Skipped sshd: It is not installed$/m);
    match(text, /^Failed: Bun at round trip: The server ended the connection$/m);
  }
});

Deno.test("formatText() shows spread, and ratios to the floors of the same runtime", () => {
  const text = formatText(report);
  match(text, /\| round trip, ms +\|.* 0\.30 ± 0\.05 \|/);
  const [header, , , bulk] = rows(text.slice(text.indexOf("Ratios"), text.indexOf("Goals")));
  deepEqual(
    Object.fromEntries(header!.map((name, i) => [name, bulk![i]])),
    {
      "": "bulk output, MB/s",
      "Deno : codex": "9.00",
      "Deno : bare socket": "0.90",
      "Bun : codex": "2.00",
      "Bun : bare socket": "0.25",
    },
  );
});

Deno.test("reach() knows which way is good", () => {
  const goal = (metric: string, to: string) =>
    goals.find((goal) => goal.metric === metric && goal.to === to)!;
  const { samples } = report;
  deepEqual(reach(goal("round trip", "rival"), "Deno", samples), { value: 0.5, isMet: true });
  deepEqual(reach(goal("bulk output", "rival"), "Bun", samples), { value: 2, isMet: false });
  deepEqual(reach(goal("bulk output", "bare socket"), "Deno", samples), { value: 0.9, isMet: true });
  equal(reach(goal("round trip", "rival"), "Bun", samples), undefined);
});

Deno.test("every goal is about a metric that some workload measures", () => {
  const measured = workloads.flatMap(({ metrics }) => metrics.map(({ name }) => name));
  deepEqual(goals.map(({ metric }) => metric).filter((name) => !measured.includes(name)), []);
});

Deno.test("no two workloads measure metrics of the same name", () => {
  const measured = workloads.flatMap(({ metrics }) => metrics.map(({ name }) => name));
  equal(new Set(measured).size, measured.length);
});
