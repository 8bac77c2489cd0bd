import { element, fill } from "../dom.ts";
import type { Page } from "../page.ts";
import { LiveTerminal } from "../live_terminal.ts";
import { openTerminal } from "../xterm.ts";

/** A process's terminal, live: to look at, and to type into for whom its role lets. */
export const terminalPage: Page = {
  path: "terminal",
  title: "",
  async show({ root, machine, parameters, role, signal }) {
    const handle = parameters.get("process") ?? "";
    const listed = (await machine.list()).find((one) => one.handle === handle || one.name === handle);
    if (!listed) throw new Error(`There is no process "${handle}": it has ended, and is not kept any more`);
    if (!listed.tty) {
      const href = `#/logs?${new URLSearchParams({ process: listed.handle })}`;
      return fill(root, element("p", {}, "It has no terminal: ", element("a", { href }, "its logs")));
    }
    const process = await machine.attach(listed.handle, {
      role: role === "view" ? "view" : "control",
      from: { screen: { scrollback: 1_000 } },
    });
    const leave = () => void process.detach().catch(() => {});
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave);
    const place = element("div", { class: "terminal" });
    const live = new LiveTerminal(process, listed, place, signal);
    fill(root, element("h1", {}, listed.name ?? listed.handle.slice(0, 8)), live.tools, live.notice, place);
    using shown = await openTerminal(place, process.size ?? { cols: 80, rows: 24 });
    await live.follow(shown);
    // It stays to be read and searched.
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
};
