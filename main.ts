import process from "node:process";
import { setMachineRuntime } from "./src/backend/machine_runtime.ts";
import { runProgram } from "./src/cli/program.ts";
import type { Runtime } from "./src/cli/runtime.ts";

const { runtime }: { runtime: Runtime } = "Bun" in globalThis
  ? await import("./src/runtime/bun/runtime.ts")
  : await import("./src/runtime/deno/runtime.ts");
setMachineRuntime(runtime);
process.exit(await runProgram(process.argv.slice(2), runtime));
