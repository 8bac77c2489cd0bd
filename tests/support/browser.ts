import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Path of a Chromium; undefined where there is none, and what needs it is not tested. */
export const browserPath = Deno.env.get("EXEC_SERVER_BROWSER");

/** A browser of its own, without a window. */
export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** Opens a page that fails the test on any error in it. */
  open(url: string): Promise<Page>;
  /** What went wrong in pages since it was asked for last. */
  errors(): string[];
}

export async function startBrowser(): Promise<TestBrowser> {
  const profile = await Deno.makeTempDir();
  const browser = await puppeteer.launch({
    executablePath: browserPath!,
    headless: true,
    userDataDir: profile,
    // The first is needed by root.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--no-proxy-server",
    ],
  });
  const errors: string[] = [];
  return {
    browser,
    async open(url) {
      const page = await browser.newPage();
      await page.setViewport({ width: 1100, height: 700 });
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        // What a server that was stopped does not answer is told by the browser itself.
        if (message.type() === "error" && !/ERR_|WebSocket|status of/.test(message.text())) {
          errors.push(message.text());
        }
      });
      await page.goto(url, { waitUntil: "load" });
      return page;
    },
    errors: () => errors.splice(0),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await Deno.remove(profile, { recursive: true });
    },
  };
}
