import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { ms } from "../metric.ts";
import type { Workload } from "../workload.ts";
import { medianTime, withClient } from "./timing.ts";

/** Files that lie in memory, on Linux: the server is measured, not the disk. */
const memoryFolder = "/dev/shm";

const FILE_BYTES = 8 << 20;
const FOLDERS = 100;
const FILES_IN_EACH = 99;

const options = { maxDepth: 6, maxDirectories: 2_000, maxEntries: 20_000, followDirectorySymlinks: true };

export const files: Workload = {
  name: "files",
  metrics: [ms("8 MB file read"), ms("8 MB file write"), ms("walk of 10,000 entries")],
  besides: ["bare socket"],
  async run({ url }, { quick }) {
    const count = quick ? 5 : 15;
    const folder = await mkdtemp(`${existsSync(memoryFolder) ? memoryFolder : tmpdir()}/bench-files-`);
    await writeFile(`${folder}/file`, new Uint8Array(FILE_BYTES).fill(7));
    makeTree(`${folder}/tree`);
    const dataBase64 = new Uint8Array(FILE_BYTES).fill(7).toBase64();
    try {
      return await withClient(url, async (client) => ({
        "8 MB file read": await medianTime(
          count,
          2,
          () => client.call("fs/readFile", { path: `file://${folder}/file` }),
        ),
        "8 MB file write": await medianTime(
          count,
          2,
          () => client.call("fs/writeFile", { path: `file://${folder}/out`, dataBase64 }),
        ),
        "walk of 10,000 entries": await medianTime(
          count,
          2,
          () => client.call("fs/walk", { path: `file://${folder}/tree`, options }),
        ),
      }));
    } finally {
      execFileSync("rm", ["-r", folder]);
    }
  },
};

/** By a shell, which takes a tenth of the time that as many calls from here take. */
function makeTree(folder: string): void {
  const script =
    `mkdir "$0"; cd "$0"; for i in $(seq ${FOLDERS}); do mkdir $i; cd $i; touch $(seq ${FILES_IN_EACH}); cd ..; done`;
  execFileSync("/bin/sh", ["-ec", script, folder]);
}
