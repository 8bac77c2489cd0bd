import type { HostReport } from "../fleet/host_report.ts";
import { labelsText } from "../fleet/labels.ts";
import { visibleText } from "./visible_text.ts";

/** Hosts as a table. */
export function hostTable(hosts: readonly HostReport[]): string {
  const rows = hosts.map((host) =>
    [
      host.name,
      host.group,
      host.state,
      labelsText(host.labels) || "-",
      `${host.os}/${host.arch}`,
      host.version,
      String(host.processes),
      host.load.toFixed(2),
    ].map(visibleText)
  );
  const lines = [["NAME", "GROUP", "STATE", "LABELS", "OS/ARCH", "VERSION", "PROCS", "LOAD"], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => `${line.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd()}\n`)
    .join("");
}

/** Each host as a line of JSON. */
export function hostLines(hosts: readonly HostReport[]): string {
  return hosts.map(({ v: _version, instance: _instance, ...host }) => `${JSON.stringify(host)}\n`).join("");
}
