import type { ExecServerClient, Machine } from "../../../client.ts";
import { element, fill } from "./dom.ts";
import type { Frame } from "./frame.ts";
import type { ConsoleRole, Page } from "./page.ts";

/** What a router shows, and where. */
export interface RouterOptions {
  readonly frame: Frame;
  /** The first is where one begins. */
  readonly pages: readonly Page[];
  readonly machine: Machine;
  readonly client: ExecServerClient;
  readonly role: ConsoleRole;
}

/** Shows the page that the address names: `#/PATH?PARAMETERS`. */
export class Router {
  readonly #options: RouterOptions;
  readonly #offered: readonly Page[];
  #shown = new AbortController();

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#offered = options.pages.filter(({ isOffered }) => isOffered?.(options) ?? true);
  }

  begin(): void {
    addEventListener("hashchange", () => void this.#show());
    void this.#show();
  }

  #navigate(path: string, parameters: Readonly<Record<string, string>> = {}): void {
    const query = new URLSearchParams(parameters).toString();
    location.hash = `#/${path}${query === "" ? "" : `?${query}`}`;
  }

  async #show(): Promise<void> {
    const { frame: { content }, frame, machine, client, role } = this.#options;
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const page = this.#offered.find((page) => page.path === path) ?? this.#offered[0]!;
    this.#shown.abort();
    const { signal } = this.#shown = new AbortController();
    frame.navigation(this.#offered.filter(({ title }) => title !== ""), page.path);
    document.title = `${page.title || page.path} - exec-server`;
    const root = element("section");
    fill(content, root);
    try {
      await page.show({
        machine,
        client,
        role,
        root,
        signal,
        parameters: new URLSearchParams(query),
        navigate: (path, parameters) => this.#navigate(path, parameters),
      });
    } catch (error) {
      if (!signal.aborted) fill(root, element("p", { role: "alert" }, (error as Error).message));
    }
  }
}
