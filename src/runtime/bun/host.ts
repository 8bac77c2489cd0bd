import { hostFacts } from "../../host/facts.ts";
import type { Host } from "../../host/host.ts";
import { inotify } from "../linux/inotify.ts";
import { ownEnvironment } from "../node/own_environment.ts";
import { spawnPipes } from "../node/pipes.ts";
import { networkThrough } from "../linux/network/open_network.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { bun } from "./bun.ts";
import { openNative, sharedLibc } from "./native.ts";

/** This machine, as a program on Bun can use it. */
export const bunHost: Host = {
  facts: hostFacts,
  environment: ownEnvironment,
  // Through the C library, where the system is known. `Bun.spawn` is not used: behind pipes it reads whatever little is
  // there the moment it comes, and each child's output would be many small chunks. On a terminal it reads whether or not
  // anybody asks and takes any number of bytes to write, with no way to stop the one or to learn of the other: a program
  // that floods a slow reader would fill the memory.
  spawner: posixSpawner(openNative, spawnPipes),
  hasTerminals: sharedLibc.isThere,
  openNotifier: inotify(openNative),
  openNetwork: networkThrough(openNative),
  descriptors: sharedLibc.descriptors,
  releaseMemory: () => bun().gc(true),
};
