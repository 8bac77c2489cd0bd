import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
const runner = fileURLToPath(new URL("../support/run_on_bun.ts", import.meta.url));

Deno.test("the file system passes its tests on Bun, too", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith("_test.ts") && name !== "bun_test.ts");
  const args = [
    runner,
    ...files.map((name) => join(folder, name)),
    join(folder, "../protocol/file_uri_test.ts"),
  ];
  try {
    execFileSync(bun, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`On Bun:\n${(error as { stdout?: string }).stdout}`, { cause: error });
  }
});
