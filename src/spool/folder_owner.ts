import { readFile, readlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pid } from "node:process";
import { isRunning } from "../host/is_running.ts";

/** The program that a folder belongs to, and what its process number is one of. */
interface FolderOwner {
  readonly host: string;
  /** Changes when the machine starts anew; empty where it cannot be told. */
  readonly boot: string;
  /** What tells the process numbers of containers apart; empty where it cannot be told. */
  readonly namespace: string;
  readonly pid: number;
}

const file = "owner.json";

/** Writes that a folder belongs to this program. */
export async function own(folder: string): Promise<void> {
  await writeFile(join(folder, file), JSON.stringify(await thisProgram()), { mode: 0o600 });
}

/**
 * Whether a folder's owner has ended for certain. Of one on another machine or in another container that uses the same disk
 * nothing is known.
 */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = JSON.parse(await readFile(join(folder, file), "utf8")) as FolderOwner;
  const { host, boot, namespace } = await thisProgram();
  if (owner.host !== host) return false;
  if (owner.boot !== boot) return true;
  return owner.namespace === namespace && !isRunning(owner.pid);
}

async function thisProgram(): Promise<FolderOwner> {
  return {
    host: hostname(),
    boot: (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim(),
    namespace: await readlink("/proc/self/ns/pid").catch(() => ""),
    pid,
  };
}
