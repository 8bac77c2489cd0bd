/**
 * Runs a bundle for browsers in a context that has the language, a WebSocket and a few more of the web platform's
 * things, and nothing of Node's. Prints what it comes to as JSON.
 *
 *   bare_context.mjs BUNDLE URL
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { createContext, runInContext } from "node:vm";
import { WebSocket } from "ws";

const [bundle, execServerUrl] = process.argv.slice(2);
const { AbortController, atob, btoa, crypto, performance, queueMicrotask, TextDecoder, TextEncoder, URL } =
  globalThis;
const timers = { setTimeout, clearTimeout, setInterval, clearInterval };
const context = createContext({
  ...{ AbortController, atob, btoa, crypto, performance, queueMicrotask, TextDecoder, TextEncoder, URL },
  ...timers,
  WebSocket,
  execServerUrl,
});
runInContext("globalThis.self = globalThis", context);
runInContext(readFileSync(bundle, "utf8"), context);
process.stdout.write(JSON.stringify(await context.execServerPage));
