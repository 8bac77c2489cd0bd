import type { ListedProcess } from "../../../machine/shared_process.ts";
import { button, element, fill } from "../dom.ts";
import { ageText, bytesText } from "../format.ts";
import type { Page, PageContext } from "../page.ts";

/** Milliseconds between two looks at the list. */
const POLL_MS = 1_000;

/** Every process of the server: who has it, how it stands, who types; what leads to it, and what ends it. */
export const processesPage: Page = {
  path: "processes",
  title: "Processes",
  async show(context) {
    const { root, signal } = context;
    const filter = element("input", { type: "search", placeholder: "Filter", aria: { label: "Filter" } });
    const body = element("tbody");
    const empty = element("p", { hidden: true }, "There are no processes.");
    const failure = element("p", { role: "alert", hidden: true });
    let listed: readonly ListedProcess[] = [];
    const draw = () => {
      const shown = listed.filter((one) => matches(one, filter.value));
      updateRows(body, shown, context, failure);
      empty.hidden = shown.length > 0;
    };
    filter.addEventListener("input", draw);
    fill(root, element("h1", {}, "Processes"), filter, failure, table(body), empty);
    while (!signal.aborted) {
      if (!document.hidden) {
        listed = await context.machine.list();
        if (signal.aborted) return;
        draw();
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  },
};

const heads = ["Process", "Command", "Client", "State", "PID", "Age", "Output", "Viewers", "Keyboard", ""];

function table(body: HTMLTableSectionElement): HTMLTableElement {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  return element("table", { class: "list" }, element("thead", {}, head), body);
}

function matches({ handle, name, owner, argv, argv0, pid }: ListedProcess, wanted: string): boolean {
  const text = [handle, name, owner?.client, argv?.join(" ") ?? argv0, pid].join(" ").toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Rows stay where their process does, so that what has the focus keeps it. */
function updateRows(
  body: HTMLTableSectionElement,
  listed: readonly ListedProcess[],
  context: PageContext,
  failure: HTMLElement,
): void {
  const rows = new Map([...body.rows].map((row) => [row.dataset.handle!, row]));
  const wanted = listed.map((one) => {
    const row = rows.get(one.handle) ?? newRow(one, context, failure);
    rows.delete(one.handle);
    tell(row, one);
    return row;
  });
  for (const row of rows.values()) row.remove();
  wanted.forEach((row, index) => {
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
}

function newRow(
  { handle, name, tty }: ListedProcess,
  { machine, role }: PageContext,
  failure: HTMLElement,
): HTMLTableRowElement {
  const known = name ?? handle.slice(0, 8);
  const href = `#/${tty ? "terminal" : "logs"}?${new URLSearchParams({ process: handle })}`;
  const kill = button("Kill", async () => {
    if (!confirm(`Kill ${known} and everything that it started?`)) return;
    kill.disabled = true;
    failure.hidden = true;
    try {
      const process = await machine.attach(handle, { role: "control" });
      await process.takeKeyboard({ force: true, note: "to end it" });
      await process.terminate();
      await process.detach();
    } catch (error) {
      kill.disabled = false;
      failure.hidden = false;
      failure.textContent = `${known}: ${(error as Error).message}`;
    }
  }, { aria: { label: `Kill ${known}` } });
  return element(
    "tr",
    { data: { handle } },
    element("th", { scope: "row" }, element("a", { href }, known)),
    ...heads.slice(1, -1).map(() => element("td")),
    element("td", {}, role === "view" ? null : kill),
  );
}

function tell(row: HTMLTableRowElement, one: ListedProcess): void {
  const { argv, argv0, owner, pid, startedAtMs, bytes, viewers, keyboard, exited } = one;
  const client = owner === null ? "nobody" : `${owner.client}${owner.attached ? "" : " (away)"}`;
  const texts = [
    argv?.join(" ") ?? argv0,
    client,
    stateText(one),
    pid,
    ageText(Date.now() - startedAtMs),
    bytesText(bytes),
    viewers,
    exited ? "" : keyboard,
  ];
  texts.forEach((text, index) => {
    const cell = row.cells[index + 1]!;
    if (cell.textContent !== String(text)) cell.textContent = String(text);
  });
  row.classList.toggle("ended", exited);
  const kill = row.querySelector("button");
  if (kill) kill.hidden = one.closed;
}

function stateText({ exited, exitCode }: ListedProcess): string {
  return exited ? `exited ${exitCode ?? "?"}` : "running";
}
