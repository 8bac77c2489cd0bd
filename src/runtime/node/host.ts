import { hostFacts } from "../../host/facts.ts";
import type { Host } from "../../host/host.ts";
import { ownEnvironment } from "./own_environment.ts";
import { spawnPipes } from "./pipes.ts";

/** This machine, as a program on Node can use it: there is no way to the C library, and so no terminals. */
export const nodeHost: Host = {
  facts: hostFacts,
  environment: ownEnvironment,
  spawner: { spawnPipes, spawnTerminal },
  hasTerminals: () => false,
};

function spawnTerminal(): never {
  throw new Error("Node has no terminals: start it behind pipes, on Deno or Bun, or on a server");
}
