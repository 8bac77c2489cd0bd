import type { Activity } from "../activity.ts";
import { expect, Followed } from "../followed.ts";

/** A process with descendants that mind no signal, some of them orphans, is terminated: all of them are gone. */
export const killedTree: Activity = {
  name: "killed tree",
  weight: 3,
  async run(stage) {
    const { random, census } = stage;
    const children = random.integer(1, 6);
    const tty = random.chance(0.3);
    const child = "(sleep 1000 & sh -c 'echo $PPID; echo $$; exec sleep 1000') &";
    const script = `trap '' TERM HUP INT; for i in $(seq ${children}); do ${child} done; echo $$; wait`;
    await using process = await Followed.start(stage, ["sh", "-c", script], { tty });
    const lines = new RegExp(`^(?:\\d+\\r?\\n){${2 * children + 1}}$`);
    const [pids] = await process.until(lines, tty ? "pty" : "stdout");
    await process.terminate();
    expect("exit code", await process.done, 137);
    for (const pid of pids.trim().split(/\s+/)) await census.ended(Number(pid));
  },
};
