import { hostFacts } from "../../host/facts.ts";
import type { Host } from "../../host/host.ts";
import { inotify } from "../linux/inotify.ts";
import { networkThrough } from "../linux/network/open_network.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { openByteCalls } from "./byte_calls.ts";
import { openNative, sharedLibc } from "./native.ts";
import { ownEnvironment } from "./own_environment.ts";
import { spawnPipes } from "./pipes.ts";

/** This machine, as a program on Deno can use it. */
export const denoHost: Host = {
  facts: hostFacts,
  environment: ownEnvironment,
  // Through the C library, where it can be called, which takes `--allow-ffi` and a known system. `Deno.Command` forks a
  // process with a session of its own, which takes several times as long, and knows no argv[0].
  spawner: posixSpawner(openNative, spawnPipes),
  hasTerminals: sharedLibc.isThere,
  openByteCalls,
  openNotifier: inotify(openNative),
  openNetwork: networkThrough(openNative),
  descriptors: sharedLibc.descriptors,
};
