/**
 * Builds the npm packages into `dist/npm`, and their tarballs beside them: `exec-server`, the library with the launcher,
 * and one package for each platform of which `dist` holds a binary.
 *
 *   deno task package [--out FOLDER] [--for-registry]
 */
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { buildLibrary } from "./npm/library.ts";
import { root } from "./places.ts";
import { pack } from "./npm/pack.ts";
import { installTestTools } from "./test/tools.ts";
import { buildPlatformPackage, findBinary, platformPackages } from "./npm/platforms.ts";

const { values: args } = parseArgs({
  options: {
    "out": { type: "string", default: join(root, "dist/npm") },
    "for-registry": { type: "boolean", default: false },
  },
});
const out = resolve(args.out);
await Deno.remove(out, { recursive: true }).catch(() => {});
const folders = [join(out, "exec-server")];
await installTestTools();
await buildLibrary(folders[0]!, { forRegistry: args["for-registry"] });
for (const [target, { name }] of Object.entries(platformPackages)) {
  const binary = findBinary(target);
  if (!binary) {
    process.stdout.write(`no binary for ${target}, so no package ${name}\n`);
    continue;
  }
  const folder = join(out, name.replace("@exec-server/", ""));
  await buildPlatformPackage(target, binary, folder);
  folders.push(folder);
}
for (const folder of folders) process.stdout.write(`${await pack(folder, out)}\n`);
