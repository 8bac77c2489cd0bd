import type { Activity } from "../activity.ts";
import { expect, Followed } from "../followed.ts";

/** Both pipes at once, from two processes, and bytes that are not text. */
export const twoPipes: Activity = {
  name: "two pipes",
  weight: 2,
  async run(stage) {
    const { random, census } = stage;
    const kilobytes = random.magnitude(1, 2_000);
    const script =
      `seq 1000000 | head -c ${kilobytes}000 >&2 & head -c ${kilobytes}000 /dev/zero; wait; echo $$`;
    const received = { stdout: 0, stderr: 0, pty: 0 };
    let tail = "";
    await using process = await Followed.start(stage, ["sh", "-c", script], {}, {
      rests: true,
      onOutput(stream, bytes) {
        received[stream as "stdout"] += bytes.length;
        if (stream === "stdout") tail = (tail + new TextDecoder().decode(bytes.subarray(-20))).slice(-20);
      },
    });
    expect("exit code", await process.done, 0);
    const pid = /(\d+)\n$/.exec(tail)?.[1] ?? "";
    expect("bytes on stderr", received.stderr, Math.min(kilobytes * 1_000, 6_888_896));
    expect("bytes on stdout", received.stdout, kilobytes * 1_000 + pid.length + 1);
    await census.ended(Number(pid));
  },
};
