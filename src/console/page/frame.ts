import { button, element, fill } from "./dom.ts";
import { logOut } from "./login.ts";
import type { Page } from "./page.ts";

/** What stands around every page: the navigation, and a line for what concerns all of them. */
export class Frame {
  /** Where a page is shown. */
  readonly content = element("main", { id: "content", tabIndex: -1 });
  readonly #links = element("ul");
  readonly #banner = element("p", { class: "banner", role: "status", hidden: true });

  constructor(body: HTMLElement) {
    fill(
      body,
      element(
        "header",
        {},
        element("a", { class: "skip", href: "#content", on: { click: this.#skip } }, "Skip to the content"),
        element("strong", {}, "exec-server"),
        element("nav", { aria: { label: "Pages" } }, this.#links),
        button("Log out", () => void logOut()),
      ),
      this.#banner,
      this.content,
    );
  }

  /** Offers pages. */
  navigation(pages: readonly Page[], current: string): void {
    fill(
      this.#links,
      ...pages.map(({ path, title }) =>
        element(
          "li",
          {},
          element(
            "a",
            { href: `#/${path}`, ...path === current ? { aria: { current: "page" } } : {} },
            title,
          ),
        )
      ),
    );
  }

  /** Says something that concerns every page; nothing for undefined. */
  banner(text: string | undefined): void {
    this.#banner.hidden = text === undefined;
    this.#banner.textContent = text ?? "";
  }

  /** The address belongs to the pages. */
  readonly #skip = (event: MouseEvent) => {
    event.preventDefault();
    this.content.focus();
  };
}
