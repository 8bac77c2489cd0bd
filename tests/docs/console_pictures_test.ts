/** Makes the pictures of docs/console.md anew, where EXEC_SERVER_PICTURES is set, of a console in a real browser. */
import { join } from "node:path";
import { root } from "../../scripts/places.ts";
import { browserPath, type Page, startBrowser } from "../support/browser.ts";
import { openClient, startParams } from "../support/client.ts";
import { click, firstLink, shows, startConsole, terminalShows } from "../support/console_page.ts";

Deno.test({
  name: "the pictures of the console are taken",
  ignore: browserPath === undefined || Deno.env.get("EXEC_SERVER_PICTURES") === undefined,
  async fn() {
    await using server = await startConsole();
    await using client = await openClient(server.url, {}, { clientName: "coding-agent" });
    const env = { PATH: Deno.env.get("PATH")!, TERM: "xterm-256color", PS1: "agent$ " };
    const terminal = { tty: true, env, size: { rows: 24, cols: 90 }, name: "deploy" };
    await client.start(startParams("p1", ["bash", "--norc"], terminal));
    await client.start(startParams("p2", ["sh", "-c", "seq 1000; sleep 1000"], { name: "build" }));
    await client.start(startParams("p3", ["sh", "-c", "exit 2"], { name: "lint" }));
    await using browser = await startBrowser();
    const page = await browser.open(await firstLink(server));
    await page.setViewport({ width: 900, height: 420 });
    await shows(page, /deploy[^]*build[^]*lint/);
    await take(page, "processes");

    await (await page.waitForSelector("a::-p-text(deploy)"))!.click();
    await click(page, "Take the keyboard");
    await shows(page, /You type/);
    await page.keyboard.type("ls --color=always /usr\n");
    await terminalShows(page, /share[^]*agent\$ \n/);
    await take(page, "terminal");
  },
});

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(root, `docs/console/${name}.png`) });
}
