import { createRequire } from "node:module";
import process from "node:process";
import type { ProgramHost } from "./src/cli/program_host.ts";

// Before the first of the limits is made: they are constants.
Object.assign(globalThis, { [Symbol.for("exec-server.limits")]: process.env.EXEC_SERVER_LIMITS });
const isBun = "Bun" in globalThis;
if (isBun) {
  try {
    // Bun starts its threads to import anything, and has the number from then on; to require does not start them.
    createRequire(import.meta.url)("./src/runtime/bun/threads.ts").askForThreads(process.argv[2]);
  } catch {
    // A compiled program has no such file. Nothing is imported from elsewhere there, and below is early enough.
  }
}
const { host }: { host: ProgramHost } = isBun
  ? await import("./src/runtime/bun/program.ts")
  : "Deno" in globalThis
  ? await import("./src/runtime/deno/program.ts")
  : await import("./src/runtime/node/program.ts");
host.askForThreads?.(process.argv[2]);
const { runProgram } = await import("./src/cli/program.ts");
process.exit(await runProgram(process.argv.slice(2), host));
