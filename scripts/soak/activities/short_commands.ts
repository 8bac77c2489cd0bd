import type { Activity } from "../activity.ts";
import { expect, Followed, tellingPid } from "../followed.ts";

/** Commands one after another, each with an output and an exit code of its own. */
export const shortCommands: Activity = {
  name: "short commands",
  weight: 6,
  async run(stage) {
    const { random, census } = stage;
    for (let left = random.integer(1, 20); left > 0; left--) {
      const word = String(random.integer(0, 1e9));
      const code = random.integer(0, 255);
      await using process = await Followed.start(stage, tellingPid(`printf '%s' ${word}; exit ${code}`));
      expect("exit code", await process.done, code);
      expect("output", process.text(), word);
      await census.ended(Number(process.text("stderr")));
    }
  },
};
