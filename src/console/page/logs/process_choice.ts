import { bytesText, momentText } from "../format.ts";
import { element, fill } from "../dom.ts";
import { type Listed, ListedProcesses, nameOf } from "../machine/listed_processes.ts";
import type { PageContext } from "../page.ts";
import { repeat } from "../repeat.ts";

const pollMs = 2_000;

/** Lets somebody choose one of the processes that have no terminal. */
export async function listPipeProcesses({ client, root, signal }: PageContext): Promise<void> {
  const listed = new ListedProcesses(client);
  const rows = element("tbody");
  const heads = ["Process", "Client", "Pid", "Started", "Printed", "State"];
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const nothing = element(
    "p",
    { hidden: true },
    "No process runs behind pipes. Those on a terminal are under Processes.",
  );
  fill(
    root,
    element("h1", {}, "Logs"),
    element("table", { class: "list plain" }, element("thead", {}, head), rows),
    nothing,
  );
  await repeat(
    async () => {
      if (!await listed.refresh() || signal.aborted) return;
      const processes = listed.all.filter(({ tty }) => !tty);
      nothing.hidden = processes.length > 0;
      rows.replaceChildren(...processes.map((process) => row(process)));
    },
    pollMs,
    signal,
  );
}

function row(process: Listed): HTMLElement {
  const { handle, owner, pid, startedAtMs, bytes, exited, exitCode } = process;
  const open = element("a", { href: `#/logs?${new URLSearchParams({ process: handle })}` }, nameOf(process));
  const state = exited ? `ended with ${exitCode}` : "runs";
  const cells = [open, owner?.client ?? "", String(pid), momentText(startedAtMs), bytesText(bytes), state];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
}
