/** Where this checkout keeps things: absolute paths, whatever characters the names of its folders have. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "../src/version.ts";
import { hostTarget } from "./targets.ts";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const bun = join(root, "node_modules/bun/bin/bun.exe");

/** What only tests and the npm package's build need; see `test/tools.ts`. */
export const testModules = join(root, "tests/node_modules");

/** What starts this program, when a command of its own follows: on each runtime, and compiled for this machine. */
export const commands: Readonly<Record<string, readonly string[]>> = {
  deno: [Deno.execPath(), "run", "-A", "--quiet", join(root, "main.ts")],
  bun: [bun, "run", join(root, "main.ts")],
  binary: [join(root, "dist", `exec-server-${version}-${hostTarget()}-bun`)],
};
