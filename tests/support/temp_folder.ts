import { join } from "node:path";

/** A folder for one test; `await using` removes it. */
export class TempFolder implements AsyncDisposable {
  /** Its path, free of links. */
  readonly path: string;

  constructor() {
    this.path = Deno.realPathSync(Deno.makeTempDirSync());
  }

  /** Writes a file. @returns its path */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
