/** Weighs what the vectors showed against what the compatibility tables say. */
import type { CompatibilityTables, Place } from "./compatibility_tables.ts";
import type { Vector } from "./vector.ts";

/** What came of one vector. */
export interface Outcome {
  vector: Pick<Vector, "name" | "area" | "requires">;
  /** `skipped`: it was not replayed, so nothing is known. */
  state: "passed" | "failed" | "skipped";
  /** How it failed. */
  failure?: string;
}

/** The count of an area. */
export interface AreaReport {
  area: string;
  passed: number;
  /** Failures that a row of the differences explains. */
  different: number;
  /** Failures of work that is listed as not there yet. */
  pending: number;
  skipped: number;
  /** Failures that nothing explains. */
  failed: Outcome[];
}

/** The whole verdict: the server conforms when no area has failures and the tables have no faults. */
export interface Judgement {
  areas: AreaReport[];
  /** Rows that are no longer true, or never were. */
  tableFaults: string[];
}

/** @param runtime how the server under test runs; only rows that name it, or `all`, explain a failure */
export function judge(outcomes: Outcome[], tables: CompatibilityTables, runtime: Place): Judgement {
  const here = tables.differences.filter(({ where }) => where.includes("all") || where.includes(runtime));
  const explained = new Set(here.map(({ vector }) => vector));
  const unexplained = outcomes.filter(({ state, vector }) =>
    state === "failed" && !explained.has(vector.name)
  );
  const isPending = ({ vector }: Outcome) => tables.pending.some((line) => belongsTo(vector, line));

  const areas = Map.groupBy(outcomes, ({ vector }) => vector.area).entries().map(([area, members]) => {
    const open = members.filter((outcome) => unexplained.includes(outcome));
    const failed = open.filter((outcome) => !isPending(outcome));
    const count = (state: Outcome["state"]) => members.filter((member) => member.state === state).length;
    return {
      area,
      passed: count("passed"),
      different: count("failed") - open.length,
      pending: open.length - failed.length,
      skipped: count("skipped"),
      failed,
    };
  });

  const tableFaults: string[] = [];
  for (const { vector, sometimes } of tables.differences) {
    const outcome = outcomes.find(({ vector: { name } }) => name === vector);
    if (!outcome) tableFaults.push(`"${vector}" is not the name of a vector`);
    else if (outcome.state === "passed" && explained.has(vector) && !sometimes) {
      tableFaults.push(`"${vector}" no longer differs on ${runtime}: take its row away`);
    }
  }
  for (const line of tables.pending) {
    const members = outcomes.filter(({ vector }) => belongsTo(vector, line));
    if (members.length === 0) tableFaults.push(`"${line}" has no vectors`);
    else if (members.every((member) => member.state !== "skipped" && !unexplained.includes(member))) {
      tableFaults.push(`"${line}" is there now: take its row away`);
    }
  }
  return { areas: areas.toArray(), tableFaults };
}

function belongsTo({ area, requires = [] }: Outcome["vector"], line: string): boolean {
  return line === area || requires.some((ability) => line === `requires: ${ability}`);
}
