import { Buffer } from "node:buffer";
import { constants, mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostOs } from "../host/facts.ts";

/** What this machine's operating system has and calls things. */

/** Opens a place in the tree without the right to read it; the flag of Linux, which `node:fs` does not name. */
export const O_PATH = hostOs === "linux" ? 0o10000000 : 0;

/** Opens what may be a terminal without becoming its process. */
export const O_NOCTTY = constants.O_NOCTTY ?? 0;

/** A path that leads to what a descriptor of this process holds, also where that has no name any more. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** Whether {@linkcode descriptorPath} works here: only on Linux, and not where `/proc` is missing or forbidden. */
export const hasDescriptorPaths: () => boolean = once(() => {
  try {
    return hostOs === "linux" && statSync("/proc/self/fd").isDirectory();
  } catch {
    return false;
  }
});

/** Whether the file calls of `node:fs` keep the bytes of a name that is not UTF-8, which some runtimes replace. */
export const nodeKeepsBytes: () => boolean = once(() => {
  if (hostOs !== "linux") return false;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "exec-server-"));
    const link = join(folder, "link");
    symlinkSync(Buffer.of(0xff), link);
    return Buffer.of(0xff).equals(readlinkSync(link, { encoding: "buffer" }));
  } catch {
    return false;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
});

function once(find: () => boolean): () => boolean {
  let found: boolean | undefined;
  return () => found ??= find();
}
