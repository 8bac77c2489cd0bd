import type { Activity } from "../activity.ts";
import { expect, Followed } from "../followed.ts";

const signals = { interrupt: "INT", terminate: "TERM", hangup: "HUP", user1: "USR1", quit: "QUIT" } as const;

/** A program that minds a signal gets it. */
export const signal: Activity = {
  name: "signal",
  weight: 2,
  async run(stage) {
    const { random, census, client } = stage;
    const name = random.pick(Object.keys(signals) as (keyof typeof signals)[]);
    const code = random.integer(1, 100);
    const script = `trap 'echo got; exit ${code}' ${signals[name]}; echo $$; while :; do sleep 0.02; done`;
    await using process = await Followed.start(stage, ["sh", "-c", script]);
    const pid = Number((await process.until(/^(\d+)\n/))[1]);
    await client.call("process/signal", { processId: process.id, signal: name });
    expect("exit code", await process.done, code);
    expect("output", process.text(), `${pid}\ngot\n`);
    await census.ended(pid);
  },
};
