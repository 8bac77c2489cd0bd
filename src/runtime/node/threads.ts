import { stat } from "node:fs";
import { env } from "node:process";
import { CALL_THREADS } from "../../limits.ts";

/**
 * Asks for as many threads for calls that wait as the program counts on, unless the environment says how many; Node has
 * four. It reads the number when the first call is made, and children must not get it.
 */
export function askForThreads(): void {
  if (env["UV_THREADPOOL_SIZE"] !== undefined) return;
  // More than the calls: what is written to the standard streams needs some, too.
  env["UV_THREADPOOL_SIZE"] = String(CALL_THREADS + 4);
  stat("/", () => {});
  delete env["UV_THREADPOOL_SIZE"];
}
