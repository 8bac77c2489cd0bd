/**
 * Runs test files that use nothing of Deno but `Deno.test` on Bun: `bun tests/support/run_on_bun.ts FILE...`.
 *
 * Prints one line per failed test and a summary; ends with 1 when something failed or nothing ran.
 */
import process from "node:process";
import { pathToFileURL } from "node:url";

interface Test {
  name: string;
  fn: () => void | Promise<void>;
  ignore?: boolean;
}

const tests: Test[] = [];

function test(nameOrTest: string | Test, fn?: () => void | Promise<void>): void {
  tests.push(typeof nameOrTest === "string" ? { name: nameOrTest, fn: fn! } : nameOrTest);
}

Object.assign(globalThis, { Deno: { test } });
for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);

let failed = 0;
const ran = tests.filter(({ ignore }) => !ignore);
for (const { name, fn } of ran) {
  try {
    await fn();
  } catch (error) {
    failed++;
    process.stdout.write(`FAILED ${name}\n${(error as Error)?.stack ?? error}\n`);
  }
}
process.stdout.write(`${ran.length - failed} passed, ${failed} failed\n`);
process.exit(failed > 0 || ran.length === 0 ? 1 : 0);
