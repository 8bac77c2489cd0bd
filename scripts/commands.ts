import { join } from "node:path";
import { version } from "../src/version.ts";
import { bun, root } from "./places.ts";
import { hostTarget } from "./targets.ts";

/** What starts this program, when a command of its own follows: on each runtime, and compiled for this machine. */
export const commands: Readonly<Record<string, readonly string[]>> = {
  deno: [Deno.execPath(), "run", "-A", "--quiet", join(root, "main.ts")],
  bun: [bun, "run", join(root, "main.ts")],
  binary: [join(root, "dist", `exec-server-${version}-${hostTarget()}-bun`)],
};
