import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

Deno.test("the operations refuse what they have no permission for, and a walk goes on", () => {
  const program = fileURLToPath(new URL("./without_permission.ts", import.meta.url));
  const args = process.versions.bun === undefined ? ["run", "-A", "--quiet", program] : [program];
  execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
});
