import { CALL_THREADS } from "../../limits.ts";
import { currentPlatform, isKnownPlatform } from "../posix/platform.ts";
import { loadBunFfi } from "./ffi.ts";
import { runWithFewThreads } from "./few_threads.ts";

/**
 * Asks for as many threads for calls that wait as the program counts on; Bun has one for each processor, and a few calls on
 * a mount that does not answer would take them all. It reads the number when the first call is made, from the environment of
 * the C library, which the children do not get.
 *
 * @param command what the program is to do
 */
export function askForThreads(command: string | undefined): void {
  // Only a server has processes of others to lose.
  if (command === "serve") runWithFewThreads();
  if (!isKnownPlatform()) return;
  const { isLinux, libraries } = currentPlatform();
  if (!isLinux) return;
  const ffi = loadBunFfi();
  for (const name of libraries) {
    try {
      const { symbols } = ffi.dlopen(name, { setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" } });
      const text = (value: string) => new TextEncoder().encode(`${value}\0`);
      // More than the calls: Bun has other work for them, too.
      symbols.setenv!(text("UV_THREADPOOL_SIZE"), text(String(CALL_THREADS + 4)), 0);
      return;
    } catch {
      // By another name, then.
    }
  }
}
