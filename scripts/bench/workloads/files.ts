import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { ms } from "../metric.ts";
import type { Workload } from "../workload.ts";
import { medianTime, withClient } from "./timing.ts";

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
    const folder = await mkdtemp(`${tmpdir()}/bench-files-`);
    await writeFile(`${folder}/file`, new Uint8Array(FILE_BYTES).fill(7));
    await makeTree(`${folder}/tree`);
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
      await rm(folder, { recursive: true });
    }
  },
};

async function makeTree(folder: string): Promise<void> {
  for (let i = 0; i < FOLDERS; i++) {
    await mkdir(`${folder}/${i}`, { recursive: true });
    await Promise.all(Array.from({ length: FILES_IN_EACH }, (_, j) => writeFile(`${folder}/${i}/${j}`, "")));
  }
}
