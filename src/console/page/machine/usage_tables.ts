import type { DiskUsage } from "../../../../client.ts";
import { bytesText, percentText } from "../format.ts";
import { element } from "../dom.ts";
import { type ListedProcesses, nameOf } from "./listed_processes.ts";
import type { ProcessRate } from "./usage_history.ts";

/** How full each disk is. */
export function disksTable(disks: readonly DiskUsage[]): HTMLElement {
  const rows = disks.map(({ path, type, total, available }) => [
    path,
    type,
    ...total === null || available === null
      ? ["does not answer", "", ""]
      : [bytesText(total), bytesText(available), full(total, available)],
  ]);
  return table("Disks", ["Disk", "Kind", "Size", "Free", "In use"], rows);
}

/** What each process uses, those first that use most of the processors. */
export function processesTable(rates: readonly ProcessRate[], names: ListedProcesses): HTMLElement {
  const ordered = rates.toSorted((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || b.rssBytes - a.rssBytes);
  const rows = ordered.map(({ handle, cpu, cpuMs, rssBytes, pids }) => {
    const listed = names.find(handle);
    return [
      listed ? nameOf(listed) : handle,
      listed ? String(listed.pid) : "",
      cpu === undefined ? "" : percentText(cpu),
      `${(cpuMs / 1000).toFixed(1)} s`,
      bytesText(rssBytes),
      String(pids),
    ];
  });
  const heads = ["Process", "Pid", "Of a processor", "Processor time", "Memory", "Processes"];
  return table("Processes", heads, rows, "Nothing runs.");
}

function full(total: number, available: number): HTMLElement {
  const meter = element("meter", {
    min: 0,
    max: 1,
    value: total === 0 ? 1 : 1 - available / total,
    high: 0.9,
  });
  return element("span", {}, meter, ` ${percentText(meter.value)}`);
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
  nothing = "There are none.",
): HTMLElement {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  const content = rows.length === 0
    ? element("p", {}, nothing)
    : element("table", { class: "list plain" }, element("thead", {}, head), element("tbody", {}, ...body));
  return element("section", {}, element("h2", {}, title), content);
}
