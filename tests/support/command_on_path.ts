import { join } from "node:path";
import { serverCommand } from "./server_process.ts";

/** A folder for `PATH` in which the command under test is called `exec-server`; disposing of it removes it. */
export async function commandOnPath(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "exec-server-command-" });
  const words = serverCommand().map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await Deno.writeTextFile(join(folder, "exec-server"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
