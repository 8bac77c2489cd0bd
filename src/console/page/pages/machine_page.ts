import type { MachineUsage } from "../../../../client.ts";
import { bytesText, durationText, percentText } from "../format.ts";
import { loadPlots } from "../plots.ts";
import { element, fill } from "../dom.ts";
import { Plot } from "../machine/plot.ts";
import { ListedProcesses } from "../machine/listed_processes.ts";
import { disksTable, processesTable } from "../machine/usage_tables.ts";
import { UsageHistory } from "../machine/usage_history.ts";
import type { Page } from "../page.ts";
import { repeat } from "../repeat.ts";

const pollMs = 2_000;
/** Ten minutes. */
const points = 300;

/** How much of the machine is in use: over time, by disk and by process. It is looked at while somebody looks at the page. */
export const machinePage: Page = {
  path: "machine",
  title: "Machine",
  isOffered: ({ client }) => client.can("machineUsage"),
  async show({ machine, client, root, signal }) {
    const library = await loadPlots();
    if (signal.aborted) return;
    const history = new UsageHistory(points);
    const names = new ListedProcesses(client);
    const view = new MachineView(library, signal);
    fill(root, element("h1", {}, "Machine"), view.element);
    await repeat(
      async () => {
        const [usage] = await Promise.all([machine.usage(), names.refresh()]);
        if (!signal.aborted) view.show(usage, history, names);
      },
      pollMs,
      signal,
    );
  },
};

class MachineView {
  readonly element: HTMLElement;
  readonly #summary = element("p", { class: "summary" });
  readonly #tables = element("div");
  readonly #cpu: Plot;
  readonly #memory: Plot;
  #memoryTotal = 1;

  constructor(library: Parameters<typeof plots>[0], signal: AbortSignal) {
    [this.#cpu, this.#memory] = plots(library, signal, () => this.#memoryTotal);
    const curves = element("div", { class: "plots" }, this.#cpu.element, this.#memory.element);
    this.element = element("div", { class: "machine" }, this.#summary, curves, this.#tables);
  }

  show(usage: MachineUsage, history: UsageHistory, names: ListedProcesses): void {
    const rates = history.add(usage, Date.now());
    this.#memoryTotal = usage.memory.total;
    this.#cpu.show(history.cpu);
    this.#memory.show(history.memory);
    this.#summary.textContent = summary(usage, history.cpu[1].at(-1)! / 100);
    this.#tables.replaceChildren(disksTable(usage.disks), processesTable(rates, names));
  }
}

function plots(
  library: Awaited<ReturnType<typeof loadPlots>>,
  signal: AbortSignal,
  memory: () => number,
): [Plot, Plot] {
  return [
    new Plot(library, {
      title: "Processors",
      text: (value) => `${value} %`,
      range: () => [0, 100],
      steps: [0, 25, 50, 75, 100],
    }, signal),
    new Plot(library, { title: "Memory in use", text: bytesText, range: () => [0, memory()] }, signal),
  ];
}

function summary({ cpu, memory, load, uptimeMs }: MachineUsage, busy: number): string {
  return [
    `${percentText(busy)} of ${cpu.cores} ${cpu.cores === 1 ? "processor" : "processors"}`,
    `${bytesText(memory.total - memory.available)} of ${bytesText(memory.total)} of memory`,
    `load ${load.map((value) => value.toFixed(2)).join(" ")}`,
    `up ${durationText(uptimeMs)}`,
  ].join(" · ");
}
