import { element, fill } from "../dom.ts";
import { LogSearch } from "../logs/log_search.ts";
import { LogView } from "../logs/log_view.ts";
import { ProcessLog } from "../logs/process_log.ts";
import { SearchBar } from "../logs/search_bar.ts";
import { ShownLines, type StreamChoice } from "../logs/shown_lines.ts";
import { listPipeProcesses } from "../logs/process_choice.ts";
import { type Listed, ListedProcesses, nameOf } from "../machine/listed_processes.ts";
import type { Page, PageContext } from "../page.ts";

/** What processes behind pipes print. */
export const logsPage: Page = {
  path: "logs",
  title: "Logs",
  async show(context: PageContext) {
    const wanted = context.parameters.get("process");
    if (wanted === null) return await listPipeProcesses(context);
    const listed = new ListedProcesses(context.client);
    await listed.refresh();
    const process = listed.all.find(({ handle, name }) => handle === wanted || name === wanted);
    if (!process) throw new Error(`There is no process "${wanted}": it has ended, and is not kept any more`);
    await showLog(context, process);
  },
};

async function showLog({ client, root, signal }: PageContext, process: Listed): Promise<void> {
  const log = new ProcessLog(client);
  const shown = new ShownLines(log.lines);
  const search = new LogSearch(log.lines, shown, () => new Promise((resolve) => setTimeout(resolve)));
  const draw = once(() => {
    shown.update();
    void search.go().then(() => bar.update());
    view.draw();
    follow.checked = view.isFollowing;
  });
  const view = new LogView(shown, draw);
  const bar = new SearchBar(search, view, signal);
  const follow = element("input", { type: "checkbox", checked: true });
  follow.addEventListener("change", () => {
    view.isFollowing = follow.checked;
    draw();
  });
  const streams = streamChoice((choice) => {
    const number = view.topNumber;
    shown.choose(choice);
    view.begin(number);
    void bar.begin();
  });
  const title = element("h1", {}, `${nameOf(process)}, pid ${process.pid}`);
  const download = element("a", { href: outputAddress(process.handle), download: "" }, "Download");
  const tools = element(
    "div",
    { class: "tools", role: "toolbar" },
    streams,
    " ",
    bar.element,
    " ",
    labelled(follow, "Follow"),
    " ",
    download,
  );
  fill(root, title, tools, view.element);
  document.addEventListener("keydown", (event) => findKey(event, bar), { signal });
  addEventListener("resize", draw, { signal });
  await log.follow(process.handle, signal, draw);
}

/** The address of all that is kept of a process's output. */
function outputAddress(handle: string): string {
  return `/console/output?${new URLSearchParams({ process: handle, format: "raw" })}`;
}

function streamChoice(onChange: (choice: StreamChoice) => void): HTMLElement {
  const option = (value: StreamChoice, text: string) => element("option", { value }, text);
  const select = element(
    "select",
    { ariaLabel: "Which streams are shown" },
    option("all", "stdout and stderr"),
    option("stdout", "stdout"),
    option("stderr", "stderr"),
  );
  select.addEventListener("change", () => onChange(select.value as StreamChoice));
  return select;
}

function labelled(input: HTMLInputElement, text: string): HTMLElement {
  return element("label", {}, input, ` ${text}`);
}

/** The browser's own search finds only what is drawn. */
function findKey(event: KeyboardEvent, bar: SearchBar): void {
  if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  bar.focus();
}

/** Does something with the next picture, however often it is asked for until then. */
function once(action: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      action();
    });
  };
}
