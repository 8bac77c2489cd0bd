import type { Activity } from "../activity.ts";
import { expect, Followed, tellingPid } from "../followed.ts";

/** A line there, the same line back, many times. */
export const conversation: Activity = {
  name: "conversation",
  weight: 2,
  async run(stage) {
    const { random, census } = stage;
    await using process = await Followed.start(stage, tellingPid("exec cat"), { pipeStdin: true });
    let said = "";
    for (let left = random.integer(1, 30); left > 0; left--) {
      said += `${random.integer(0, 1e9)} ${"x".repeat(random.magnitude(1, 3_000))}\n`;
      await process.write(said.slice(process.text().length));
      while (process.text().length < said.length) await process.until(new RegExp(`^[^]{${said.length}}`));
    }
    await process.closeStdin();
    expect("exit code", await process.done, 0);
    expect("what came back", process.text(), said);
    await census.ended(Number(process.text("stderr")));
  },
};
