import type { Terminal } from "@xterm/xterm";
import type { SearchAddon } from "@xterm/addon-search";
import { asset, style } from "./assets.ts";

/** A terminal of the page, with what it can beside showing. */
export interface ShownTerminal extends Disposable {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
}

const FONT = '"DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace';

/** Makes a terminal in an element; everything of it is loaded with the first. */
export async function openTerminal(
  parent: HTMLElement,
  { cols, rows }: { readonly cols: number; readonly rows: number },
): Promise<ShownTerminal> {
  style("xterm.css");
  const [{ Terminal }, { SearchAddon }, { WebLinksAddon }, { UnicodeGraphemesAddon }] = await Promise.all([
    asset<typeof import("@xterm/xterm")>("xterm.mjs"),
    asset<typeof import("@xterm/addon-search")>("xterm-search.mjs"),
    asset<typeof import("@xterm/addon-web-links")>("xterm-web-links.mjs"),
    asset<typeof import("@xterm/addon-unicode-graphemes")>("xterm-unicode-graphemes.mjs"),
  ]);
  const terminal = new Terminal({
    cols,
    rows,
    scrollback: 5_000,
    fontFamily: FONT,
    allowProposedApi: true,
    linkHandler: { activate: (_event, uri) => follow(uri) },
  });
  const search = new SearchAddon();
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon((_event, uri) => follow(uri)));
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.open(parent);
  await drawByGraphics(terminal);
  return { terminal, search, [Symbol.dispose]: () => terminal.dispose() };
}

/** What a program prints as a link leads there only when the person has seen where that is. */
function follow(uri: string): void {
  if (!/^https?:\/\//i.test(uri)) return;
  if (confirm(`Open ${uri} ?`)) open(uri, "_blank", "noopener,noreferrer");
}

/** Where there is no WebGL, or it is taken away, the page draws the terminal itself. */
async function drawByGraphics(terminal: Terminal): Promise<void> {
  try {
    const { WebglAddon } = await asset<typeof import("@xterm/addon-webgl")>("xterm-webgl.mjs");
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => webgl.dispose());
    terminal.loadAddon(webgl);
  } catch {
    // It is slower without.
  }
}
