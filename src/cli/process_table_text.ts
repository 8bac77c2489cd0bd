import type { ListedProcess } from "../machine/shared_process.ts";
import { visibleText } from "./visible_text.ts";

/** So much of a handle is unlike any other, nearly always. */
const shortHandle = 8;

/** Processes as a table for people; times are of this machine's clock. */
export function processTable(processes: readonly ListedProcess[], nowMs: number): string {
  const rows = [
    ["HANDLE", "NAME", "STATUS", "AGE", "OWNER", "KEYBOARD", "COMMAND"],
    ...processes.map((process) => cells(process, nowMs).map(visibleText)),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd() + "\n"
  )
    .join("");
}

/** Processes as lines of JSON. */
export function processLines(processes: readonly ListedProcess[]): string {
  return processes.map((process) => JSON.stringify(process).replace(/[\x7f-\x9f]/g, escape) + "\n").join("");
}

function cells(process: ListedProcess, nowMs: number): string[] {
  const { handle, name, owner, keyboard, argv, argv0 } = process;
  return [
    handle.slice(0, shortHandle),
    name ?? "-",
    status(process),
    age(Math.max(0, nowMs - process.startedAtMs)),
    owner === null ? "-" : owner.attached ? owner.client : `${owner.client} (away)`,
    keyboard,
    (argv ?? [argv0]).join(" "),
  ];
}

function status({ exited, exitCode, closed }: ListedProcess): string {
  if (!exited) return "running";
  return `exited ${exitCode ?? "?"}${closed ? "" : " (output open)"}`;
}

function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** JSON leaves controls of the second set as they are, which a terminal may follow. */
function escape(char: string): string {
  return `\\u00${char.charCodeAt(0).toString(16)}`;
}
