import { deepEqual } from "node:assert/strict";
import { missingFiles } from "../../scripts/docs/named_files.ts";

Deno.test("a file or folder that a page names and that is not there is found, once", () => {
  const text = "`src/gone.ts`, `src/there.ts`, `src/gone.ts` again, `tests/old`, `gone.md`";
  const isThere = (path: string) => path === "src/there.ts";
  deepEqual(missingFiles(text, isThere), ["src/gone.ts", "tests/old", "gone.md"]);
});

Deno.test("methods, globs of names and what is no path are not taken for files", () => {
  const text = "`process/read`, `fs/*`, `src/cli/COMMAND.ts`, `tests/NAME_test.ts`, `log.full`, src/bare.ts";
  deepEqual(missingFiles(text, () => false), []);
});
