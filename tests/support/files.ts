import { dirname, join } from "node:path";

/** A folder of its own for one test; `await using` removes it. */
export interface TestFolder extends AsyncDisposable {
  /** Absolute, without links in it. */
  readonly path: string;
  /** The path of something in it. */
  join(...names: string[]): string;
  /** Writes a file and makes the folders above it. */
  write(name: string, content: string | Uint8Array): Promise<void>;
}

/** A new, empty folder with these files in it. */
export async function makeFolder(files: Record<string, string | Uint8Array> = {}): Promise<TestFolder> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  const folder: TestFolder = {
    path,
    join: (...names) => join(path, ...names),
    write: async (name, content) => {
      const file = join(path, name);
      await Deno.mkdir(dirname(file), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(file, content);
      else await Deno.writeFile(file, content);
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
  for (const [name, content] of Object.entries(files)) await folder.write(name, content);
  return folder;
}
