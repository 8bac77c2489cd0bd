import type { ExecServerClient } from "../../../client/client.ts";
import { bytesText, momentText } from "../format.ts";
import { element } from "../dom.ts";
import { type DirectoryItem, lookAt, type Metadata } from "./directory.ts";

/** Rows that are shown: a browser takes long for more. */
const shownItems = 2_000;

/** What is in a directory, as a table. */
export class DirectoryView {
  readonly element: HTMLElement;
  readonly #client: ExecServerClient;
  readonly #open: (item: DirectoryItem) => void;
  readonly #rows = element("tbody");
  readonly #note = element("p", {});
  readonly #filter = element("input", {
    type: "search",
    placeholder: "Filter",
    ariaLabel: "Filter the names",
  });
  #items: readonly DirectoryItem[] = [];
  #looking = new AbortController();

  /** @param open called with what somebody has chosen */
  constructor(client: ExecServerClient, signal: AbortSignal, open: (item: DirectoryItem) => void) {
    this.#client = client;
    this.#open = open;
    const heads = ["Name", "Size", "Changed", ""].map((text) => element("th", { scope: "col" }, text));
    const table = element(
      "table",
      { class: "list plain" },
      element("thead", {}, element("tr", {}, ...heads)),
      this.#rows,
    );
    this.element = element("div", { class: "directory" }, this.#filter, table, this.#note);
    this.#filter.addEventListener("input", () => this.#draw());
    signal.addEventListener("abort", () => this.#looking.abort());
  }

  show(items: readonly DirectoryItem[]): void {
    this.#items = items;
    this.#draw();
  }

  #draw(): void {
    this.#looking.abort();
    this.#looking = new AbortController();
    const wanted = this.#filter.value.toLowerCase();
    const found = this.#items.filter(({ name }) => name.toLowerCase().includes(wanted));
    const shown = found.slice(0, shownItems);
    const cells = new Map(shown.map((item) => [item, { size: element("td"), changed: element("td") }]));
    this.#rows.replaceChildren(...shown.map((item) => this.#row(item, cells.get(item)!)));
    this.#note.textContent = found.length === 0
      ? "There is nothing."
      : found.length > shown.length
      ? `${found.length - shown.length} more: filter the names to see them.`
      : "";
    void lookAt(
      this.#client,
      shown,
      this.#looking.signal,
      (item, metadata) => fill(cells.get(item)!, item, metadata),
    );
  }

  #row(item: DirectoryItem, { size, changed }: Cells): HTMLElement {
    const text = item.kind === "directory" ? `${item.name}/` : item.name;
    const name = item.isNamed && item.kind !== "other"
      ? element("button", { type: "button", class: "link", onclick: () => this.#open(item) }, text)
      : text;
    const download = item.isNamed && item.kind === "file"
      ? element("a", { href: downloadAddress(item.uri), download: "" }, "Download")
      : "";
    return element("tr", {}, element("td", {}, name), size, changed, element("td", {}, download));
  }
}

/** The address of a file's bytes, which the browser saves as they come. */
export function downloadAddress(uri: string): string {
  return `/console/files?${new URLSearchParams({ path: uri })}`;
}

interface Cells {
  readonly size: HTMLElement;
  readonly changed: HTMLElement;
}

function fill({ size, changed }: Cells, { kind }: DirectoryItem, metadata: Metadata): void {
  if (kind === "file") size.textContent = bytesText(metadata.size);
  changed.textContent = momentText(metadata.modifiedAtMs);
}
