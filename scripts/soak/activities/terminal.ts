import type { Activity } from "../activity.ts";
import { expect, Followed } from "../followed.ts";

/** A shell on a terminal: lines, sizes, a program that is interrupted, and the end. */
export const terminal: Activity = {
  name: "terminal",
  weight: 3,
  async run(stage) {
    const { random, census, client } = stage;
    const shell = ["sh", "-c", "stty -echo; PS1='$ ' exec sh -i"];
    await using process = await Followed.start(stage, shell, { tty: true });
    await process.until(/\$ $/, "pty");
    await process.write("echo pid=$$\n");
    const pid = Number((await process.until(/pid=(\d+)\r\n/, "pty"))[1]);
    for (let left = random.integer(1, 6); left > 0; left--) {
      const size = { rows: random.integer(2, 100), cols: random.integer(20, 200) };
      await client.call("process/resize", { processId: process.id, size });
      await process.write(`echo size-${left}=$(stty size), sum-${left}=$((${left} * 7)).\n`);
      const [, shown, sum] = await process.until(
        new RegExp(`size-${left}=([^,]*), sum-${left}=(.*)\\.`),
        "pty",
      );
      expect("size", shown, `${size.rows} ${size.cols}`);
      expect("sum", sum, String(left * 7));
    }
    if (random.chance(0.5)) await interrupt(process);
    await process.write("exit 3\n");
    expect("exit code", await process.done, 3);
    await census.ended(pid);
  },
};

async function interrupt(process: Followed): Promise<void> {
  await process.write("echo begun; sleep 1000\n");
  await process.until(/begun\r\n/, "pty");
  // The shell may not have handed the terminal over yet: a person would press the keys again, too.
  const press = () => process.write("\x03");
  const again = setInterval(() => press().catch(() => {}), 1_000);
  try {
    await press();
    await process.until(/begun\r\n[^]*\$ $/, "pty");
  } finally {
    clearInterval(again);
  }
}
