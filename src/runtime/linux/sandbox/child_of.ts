import { readFileSync } from "node:fs";

/** The machine's number of the first child of a process; undefined where it has none, or has ended. */
export function childOf(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return child ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}
