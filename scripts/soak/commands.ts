import { fileURLToPath } from "node:url";
import { version } from "../../src/version.ts";
import { hostTarget } from "../targets.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const commands: Readonly<Record<string, () => readonly string[]>> = {
  deno: () => [Deno.execPath(), "run", "-A", "--quiet", path("main.ts")],
  bun: () => [path("node_modules/bun/bin/bun.exe"), "run", path("main.ts")],
  binary: () => [path(`dist/exec-server-${version}-${hostTarget()}-bun`)],
};

export const commandNames = Object.keys(commands);

/** What starts this program on a runtime of that name, when a command of its own follows. */
export function commandOn(name: string): readonly string[] | undefined {
  return commands[name]?.();
}
