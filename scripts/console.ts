/**
 * Bundles the page of the web console into `src/console/assets/page.js`, which is kept, so that a checkout serves it as it is.
 *
 *   deno task console [--check]
 *
 * With `--check` it writes nothing, and fails where the bundle is not what the page's sources make.
 */
import { join } from "node:path";
import process from "node:process";
import { bun, root } from "./places.ts";

const bundle = join(root, "src/console/assets/page.js");
const made = await build();
if (Deno.args.includes("--check")) {
  if (made !== await Deno.readTextFile(bundle).catch(() => "")) {
    process.stderr.write(
      "src/console/assets/page.js is not made of the page's sources: run deno task console\n",
    );
    process.exit(1);
  }
} else {
  await Deno.writeTextFile(bundle, made);
}

async function build(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(bun, {
    args: ["build", "src/console/page/main.ts", "--target", "browser", "--minify"],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
