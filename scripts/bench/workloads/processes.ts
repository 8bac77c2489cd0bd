import { ms } from "../metric.ts";
import { median, quantile } from "../statistics.ts";
import type { Workload } from "../workload.ts";
import { timeEach, timeOf, withClient } from "./timing.ts";

const warmUp = 20;

/** `true`, one after the other. */
export const start: Workload = {
  name: "start",
  metrics: [ms("start to response"), ms("start to closed, p50"), ms("start to closed, p99")],
  besides: ["bare process", "sshd", "websocketd"],
  run: ({ url }, { quick }) =>
    withClient(url, async (client) => {
      const responses: number[] = [];
      const closes = await timeEach(quick ? 50 : 200, warmUp, async (i) => {
        const started = performance.now();
        const { closed } = await client.start(`p${i}`, ["/bin/true"]);
        if (i >= warmUp) responses.push(performance.now() - started);
        await closed;
      });
      return { "start to response": median(responses), ...closedTimes(closes) };
    }),
  async runShell(shell, { quick }) {
    const command = await shell.prepare(["/bin/true"]);
    return closedTimes(await timeEach(quick ? 50 : 200, warmUp, () => command.run()));
  },
};

function closedTimes(times: number[]) {
  return { "start to closed, p50": median(times), "start to closed, p99": quantile(times, 0.99) };
}

export const fiftyAtOnce: Workload = {
  ...atOnce(50),
  besides: ["bare process", "sshd", "websocketd"],
};

export const fiveHundredAtOnce: Workload = { ...atOnce(500), isLong: true, rounds: 3 };

/** From the first request until the last process has closed. */
function atOnce(count: number): Workload {
  const name = `${count} at once`;
  const all = async (start: (i: number) => Promise<unknown>) => ({
    [name]: await timeOf(() => Promise.all(Array.from({ length: count }, (_, i) => start(i)))),
  });
  return {
    name,
    metrics: [ms(name)],
    besides: ["bare process", "websocketd"],
    run: ({ url }) =>
      withClient(
        url,
        (client) => all(async (i) => await (await client.start(`p${i}`, ["/bin/true"])).closed),
      ),
    async runShell(shell) {
      const command = await shell.prepare(["/bin/true"]);
      return await all(() => command.run());
    },
  };
}
