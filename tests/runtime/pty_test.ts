/**
 * Terminals on Deno and on Bun: each scenario runs in a process of its own, which has to succeed and then to end by
 * itself, without anything left that would keep it running.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { scenarios } from "./pty/scenarios.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const driver = `${root}/tests/runtime/pty/run_scenario.ts`;

const runtimes: Record<string, string[]> = {
  Deno: [Deno.execPath(), "run", "-A", "--no-check", driver],
  Bun: [`${root}/node_modules/.bin/bun`, driver],
};

for (const [runtime, command] of Object.entries(runtimes)) {
  for (const sentence of Object.keys(scenarios)) {
    Deno.test(`on a terminal of ${runtime}, ${sentence}`, async () => {
      const { success, code, signal, stderr } = await new Deno.Command("/bin/sh", {
        // Ignored signals are inherited; the programs on the terminals must not find them so.
        args: ["-c", 'trap "" HUP INT USR2; exec "$@"', "sh", ...command, sentence],
        stdin: "null",
        stdout: "inherit",
        stderr: "piped",
        signal: AbortSignal.timeout(60_000),
      }).output();
      assert.ok(success, `ended with ${signal ?? code}:\n${new TextDecoder().decode(stderr)}`);
    });
  }
}
