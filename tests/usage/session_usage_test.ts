import assert from "node:assert/strict";
import { countersIn } from "../../src/usage/session_usage.ts";

Deno.test("a process's time has that of those it waited for, whatever its name", () => {
  const rest = "S 1 10 10 0 -1 4194304 97 0 0 0 7 5 300 20 20 0 1 0 3789668 3133440 362 1844";
  for (const name of ["cat", "a b) R 1 1 (", ")", "\u{1b}[31m"]) {
    assert.deepEqual(countersIn(`10 (${name}) ${rest}`), { ticks: 332, pages: 362 }, name);
  }
});
