/**
 * Installs what only the tests, the type checks and the npm package's build need: the packages of `tests/package.json`,
 * into `tests/node_modules`. Does nothing where they are there already.
 *
 *   deno run -A scripts/test/tools.ts
 */
import { join } from "node:path";
import process from "node:process";
import { root, testModules } from "../places.ts";

/** @throws {Error} with what npm said, when it could not install them */
export async function installTestTools(): Promise<void> {
  const missing = missingTools();
  if (missing.length === 0) return;
  process.stderr.write(`Installing what the tests need: ${missing.join(", ")}\n`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { success, stdout, stderr } = await new Deno.Command(npm, {
    args: ["ci", "--no-audit", "--no-fund"],
    cwd: join(root, "tests"),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(`npm ci in tests/ failed:\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  }
}

/** The packages that are not there in the version that is asked for. */
function missingTools(): string[] {
  const { devDependencies }: { devDependencies: Record<string, string> } = readJson(
    join(root, "tests/package.json"),
  );
  return Object.entries(devDependencies)
    .filter(([name, version]) => installedVersion(name) !== version)
    .map(([name, version]) => `${name} ${version}`);
}

function installedVersion(name: string): string | undefined {
  try {
    return readJson(join(testModules, name, "package.json")).version;
  } catch {
    return undefined;
  }
}

function readJson(path: string) {
  return JSON.parse(Deno.readTextFileSync(path));
}

if (import.meta.main) {
  await installTestTools().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
