import { createRequire } from "node:module";
import process from "node:process";
import type { Runtime } from "./src/cli/runtime.ts";

const isBun = "Bun" in globalThis;
if (isBun) {
  try {
    // Bun starts its threads to import anything, and has the number from then on; to require does not start them.
    createRequire(import.meta.url)("./src/runtime/bun/threads.ts").askForThreads(process.argv[2]);
  } catch {
    // A compiled program has no such file. Nothing is imported from elsewhere there, and below is early enough.
  }
}
const { runtime }: { runtime: Runtime } = isBun
  ? await import("./src/runtime/bun/runtime.ts")
  : await import("./src/runtime/deno/runtime.ts");
runtime.askForThreads?.(process.argv[2]);
const { setMachineRuntime } = await import("./src/machine/machine_runtime.ts");
const { runProgram } = await import("./src/cli/program.ts");
setMachineRuntime(runtime);
process.exit(await runProgram(process.argv.slice(2), runtime));
