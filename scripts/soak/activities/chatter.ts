import type { Activity } from "../activity.ts";
import { expect, Followed, tellingPid } from "../followed.ts";

/** A line every few milliseconds for a while, whatever happens to the connection meanwhile. */
export const chatter: Activity = {
  name: "chatter",
  weight: 2,
  async run(stage) {
    const { random, census } = stage;
    const lines = random.integer(10, 400);
    const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo line $i; sleep 0.0${
      random.integer(1, 5)
    }; done`;
    await using process = await Followed.start(stage, tellingPid(script), {}, { rests: true });
    expect("exit code", await process.done, 0);
    const right = Array.from({ length: lines }, (_, i) => `line ${i + 1}\n`).join("");
    expect("output", process.text(), right);
    await census.ended(Number(process.text("stderr")));
  },
};
