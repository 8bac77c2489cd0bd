import { join } from "node:path";

/** Packs the package in a folder as npm would publish it. @returns the tarball's path */
export async function pack(folder: string, destination: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args: ["pack", "--json", "--ignore-scripts", "--pack-destination", destination],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot pack "${folder}": ${decoder.decode(stderr)}`);
  const [{ filename }] = JSON.parse(decoder.decode(stdout));
  return join(destination, filename);
}
