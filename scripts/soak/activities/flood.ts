import { createHash } from "node:crypto";
import type { Activity } from "../activity.ts";
import { expect, Followed, tellingPid } from "../followed.ts";

const lineCounts = [1, 1_000, 50_000, 400_000, 3_000_000];
const digests = new Map<number, string>();

/** Lines as fast as they come, up to 22 MB, with a reader that rests now and then. */
export const flood: Activity = {
  name: "flood",
  weight: 4,
  async run(stage) {
    const { random, census } = stage;
    const lines = random.pick(lineCounts);
    const hash = createHash("sha256");
    let pid = "";
    await using process = await Followed.start(stage, tellingPid(`exec seq ${lines}`), {}, {
      rests: true,
      onOutput: (stream, bytes) =>
        void (stream === "stdout" ? hash.update(bytes) : pid += new TextDecoder().decode(bytes)),
    });
    expect("exit code", await process.done, 0);
    expect(`digest of ${lines} lines`, hash.digest("hex"), digestOf(lines));
    await census.ended(Number(pid));
  },
};

function digestOf(lines: number): string {
  const known = digests.get(lines);
  if (known) return known;
  const { stdout } = new Deno.Command("sh", { args: ["-c", `seq ${lines} | sha256sum`] }).outputSync();
  const digest = new TextDecoder().decode(stdout).slice(0, 64);
  digests.set(lines, digest);
  return digest;
}
