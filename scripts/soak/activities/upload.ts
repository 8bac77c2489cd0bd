import { createHash } from "node:crypto";
import type { Activity } from "../activity.ts";
import { expect, Followed, tellingPid } from "../followed.ts";

/** Random bytes written to a program in pieces, each exactly once. */
export const upload: Activity = {
  name: "upload",
  weight: 3,
  async run(stage) {
    const { random, census } = stage;
    await using process = await Followed.start(stage, tellingPid("exec sha256sum"), { pipeStdin: true });
    const hash = createHash("sha256");
    const writes: Promise<void>[] = [];
    for (let left = random.integer(1, 40); left > 0; left--) {
      const bytes = random.bytes(random.magnitude(1, 300_000));
      hash.update(bytes);
      writes.push(process.write(bytes));
      if (random.chance(0.3)) await Promise.all(writes.splice(0));
    }
    await Promise.all(writes);
    await process.closeStdin();
    expect("exit code", await process.done, 0);
    expect("digest of stdin", process.text().slice(0, 64), hash.digest("hex"));
    await census.ended(Number(process.text("stderr")));
  },
};
