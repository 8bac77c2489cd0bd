import type { Host } from "../host/host.ts";
import { bunHost } from "./bun/host.ts";
import { denoHost } from "./deno/host.ts";
import { nodeHost } from "./node/host.ts";

/**
 * This machine, on whatever runtime this is. For programs that import this project as a library; the command line has its
 * own choice in `main.ts`, which loads nothing of the other runtimes.
 */
export const thisHost: Host = "Bun" in globalThis ? bunHost : "Deno" in globalThis ? denoHost : nodeHost;
