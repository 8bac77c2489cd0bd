/** A real browser. */

/** What tests do with a page. Puppeteer's own types bring Node's, which are none of Deno's. */
export interface Page {
  setDefaultTimeout(milliseconds: number): void;
  goto(url: string, options?: { readonly waitUntil: "load" }): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  close(): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  waitForSelector(selector: string, options?: { readonly visible: boolean }): Promise<Handle | null>;
  click(selector: string): Promise<void>;
  select(selector: string, value: string): Promise<unknown>;
  createCDPSession(): Promise<DevTools>;
  type(selector: string, text: string): Promise<void>;
  readonly keyboard: { type(text: string): Promise<void>; press(key: string): Promise<void> };
  setViewport(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMediaFeatures(features: readonly { readonly name: string; readonly value: string }[]): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  metrics(): Promise<{ readonly JSHeapUsedSize?: number }>;
  on(event: "dialog", listener: (dialog: Dialog) => void): unknown;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): unknown;
  on(event: "request", listener: (request: { url(): string }) => void): unknown;
  on(event: "pageerror", listener: (error: unknown) => void): unknown;
  once(event: "dialog", listener: (dialog: Dialog) => void): unknown;
}

/** An element of a page. */
export interface Handle {
  click(): Promise<void>;
  uploadFile(...paths: string[]): Promise<void>;
}

/** The browser's own protocol. */
export interface DevTools {
  send(method: string, params: object): Promise<unknown>;
  on(event: "Browser.downloadProgress", listener: (progress: { readonly state: string }) => void): unknown;
  detach(): Promise<void>;
}

/** What a page asks a person. */
export interface Dialog {
  accept(): Promise<void>;
  dismiss(): Promise<void>;
  message(): string;
}

/** Pages that share their cookies. */
interface Pages {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Browser extends Pages {
  createBrowserContext(): Promise<Pages>;
}

interface Puppeteer {
  launch(options: object): Promise<Browser>;
}

/** Path of a Chromium; undefined where there is none, and what needs it is not tested. */
export const browserPath = Deno.env.get("EXEC_SERVER_BROWSER");

/** Milliseconds for whatever a page is to come to: a busy machine may hold a browser up for long. */
export const PATIENCE_MS = 120_000;

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
  const name = "puppeteer-core"; // Its types are not looked at.
  const { default: puppeteer } = await import(name) as { default: Puppeteer };
  const browser = await puppeteer.launch({
    executablePath: browserPath!,
    headless: true,
    timeout: PATIENCE_MS,
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
      page.setDefaultTimeout(PATIENCE_MS);
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
