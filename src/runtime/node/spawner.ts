import type { ChildProcess, PipeSpawnRequest, ProcessSpawner } from "../../host/child_process.ts";
import { spawnPipesOrTellWhy, trySpawnPipes } from "./pipes.ts";

/** Starts children on Node, which has no way to the C library, and so no terminals. */
export const nodeSpawner: ProcessSpawner = { spawnPipes, spawnTerminal };

function spawnPipes(request: PipeSpawnRequest): ChildProcess {
  return trySpawnPipes(request) ?? spawnPipesOrTellWhy(request);
}

function spawnTerminal(): never {
  throw new Error("Node has no terminals: start it behind pipes, on Deno or Bun, or on a server");
}
