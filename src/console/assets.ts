/** What the console's page is made of, loaded when it is first asked for. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "hono";
import terminal from "@xterm/xterm/lib/xterm.mjs" with { type: "text" };
import terminalStyle from "@xterm/xterm/css/xterm.css" with { type: "text" };
import search from "@xterm/addon-search/lib/addon-search.mjs" with { type: "text" };
import graphemes from "@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.mjs" with { type: "text" };
import links from "@xterm/addon-web-links/lib/addon-web-links.mjs" with { type: "text" };
import webgl from "@xterm/addon-webgl/lib/addon-webgl.mjs" with { type: "text" };
import plots from "uplot/dist/uPlot.esm.js" with { type: "text" };
import plotsStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import player from "asciinema-player/dist/bundle/asciinema-player.min.js" with { type: "text" };
import playerStyle from "asciinema-player/dist/bundle/asciinema-player.css" with { type: "text" };
import style from "./assets/console.css" with { type: "text" };
import index from "./assets/index.html" with { type: "text" };
import page from "./assets/page.js" with { type: "text" };

const texts: Readonly<Record<string, unknown>> = {
  "index.html": index,
  "console.css": style,
  "page.js": page,
  "xterm.mjs": terminal,
  "xterm.css": terminalStyle,
  "xterm-search.mjs": search,
  "xterm-unicode-graphemes.mjs": graphemes,
  "xterm-web-links.mjs": links,
  "xterm-webgl.mjs": webgl,
  "uplot.mjs": plots,
  "uplot.css": plotsStyle,
  "asciinema-player.js": player,
  "asciinema-player.css": playerStyle,
};

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
};

/** An asset as it is sent. */
interface Sent {
  readonly text: string;
  readonly tag: string;
  readonly compressed: Promise<Uint8Array<ArrayBuffer>>;
}

const made = new Map<string, Sent>();

/** Answers with an asset: compressed where the browser takes that, and not again where it has it already. */
export async function sendPage(c: Context, name: string): Promise<Response> {
  if (!Object.hasOwn(texts, name)) return c.text("", 404);
  const { text, tag, compressed } = sentOf(name);
  c.header("etag", tag);
  c.header("cache-control", "no-cache");
  c.header("vary", "accept-encoding");
  if (c.req.header("if-none-match") === tag) return c.body(null, 304);
  c.header("content-type", types[name.slice(name.lastIndexOf(".") + 1)]!);
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(text);
  c.header("content-encoding", "gzip");
  return c.body(await compressed);
}

function sentOf(name: string): Sent {
  const known = made.get(name);
  if (known) return known;
  const text = texts[name] as string;
  const tag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  const sent: Sent = { text, tag, compressed: promisify(gzip)(text).then((bytes) => new Uint8Array(bytes)) };
  made.set(name, sent);
  return sent;
}
