/** What tests do in the console's page. */
import { type Page, PATIENCE_MS } from "./browser.ts";
import { until } from "./proc.ts";
import { type ServerProcess, startServer } from "./server_process.ts";

/** Starts a server with a console. */
export function startConsole(args: string[] = [], listen?: string): Promise<ServerProcess> {
  return startServer({ listen, args: ["--console", ...args] });
}

/** The login link that a server prints when it starts. */
export async function firstLink(server: ServerProcess): Promise<string> {
  const link = () => /console at (\S+)\n/.exec(server.stderr())?.[1];
  await until("the link is printed", () => link() !== undefined);
  return link()!;
}

/** What a page shows as text; nothing while it is loaded. */
export async function textOf(page: Page): Promise<string> {
  return await page.evaluate("document.body.innerText").catch(() => "") as string;
}

/** Waits until a page shows something. */
export async function shows(page: Page, pattern: RegExp): Promise<void> {
  await eventually(async () => {
    const text = await textOf(page);
    return pattern.test(text) ? undefined : `the page does not show ${pattern} but:\n${text}`;
  });
}

/** Presses a button, once it is there. */
export async function click(page: Page, text: string): Promise<void> {
  const path = `::-p-xpath(//button[normalize-space(.)="${text}"])`;
  await (await page.waitForSelector(path, { visible: true }))!.click();
}

/** What the page's terminal shows, line by line. */
export function screenOf(page: Page): Promise<string[]> {
  return page.evaluate(`(({ buffer: { active }, rows }) =>
    Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "")
  )(shownTerminal)`) as Promise<string[]>;
}

/** Waits until the page's terminal shows something. */
export async function terminalShows(page: Page, pattern: RegExp): Promise<void> {
  await eventually(async () => {
    const text = (await screenOf(page)).join("\n");
    return pattern.test(text) ? undefined : `the terminal does not show ${pattern} but:\n${text}`;
  });
}

/** Asks again until nothing is wrong. @throws {Error} which says what still is in the end */
export async function eventually(
  wrong: () => Promise<string | undefined>,
  limitMs = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    const reason = await wrong();
    if (reason === undefined) return;
    if (performance.now() > end) throw new Error(reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
