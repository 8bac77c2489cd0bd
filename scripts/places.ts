/** Where this checkout keeps things: absolute paths, whatever characters the names of its folders have. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const bun = join(root, "node_modules/bun/bin/bun.exe");

/** What only tests and the npm package's build need; see `test/tools.ts`. */
export const testModules = join(root, "tests/node_modules");
