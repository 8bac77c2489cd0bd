import { megabytes, type Metric, ms, type Numbers } from "../metric.ts";
import { RawClient } from "../raw_client.ts";
import { residentBytes, settledBytes } from "../resident_bytes.ts";
import type { Workload } from "../workload.ts";
import { medianTime } from "./timing.ts";

/** The one of a quick bench. */
const QUICK_COUNT = 100;

/** Ends by itself soon, should its server leave it behind. */
const idleCommand = ["sleep", "180"];

/** What is counted, singular and plural. */
type Nouns = readonly [string, string];

/** How a server fares beside ever more idle processes of the same session. */
export const growthOfProcesses: Workload = growth(
  ["process", "processes"],
  [1, 10, 100, 1_000],
  async (client, _url, from, to) => {
    for (let i = from; i < to; i++) await client.start(`idle${i}`, idleCommand);
  },
);

/** The same beside ever more idle connections, each with a session of its own. */
export const growthOfConnections: Workload = growth(
  ["connection", "connections"],
  [1, 10, 100, 500],
  async (_client, url, from, to) => {
    for (let i = from; i < to; i++) await RawClient.open(url);
  },
);

/** @param add makes the idle ones numbered `from` to `to`, which end with the server and the client process */
function growth(
  [one, many]: Nouns,
  counts: readonly number[],
  add: (client: RawClient, url: string, from: number, to: number) => Promise<void>,
): Workload {
  return {
    name: `growth, ${many}`,
    metrics: growthMetrics([one, many], counts),
    besides: [],
    isFresh: true,
    rounds: 1,
    async run({ url, pid }, { quick }) {
      const client = await RawClient.open(url);
      const numbers: Numbers = {};
      let there = 0;
      for (const count of quick ? [QUICK_COUNT] : counts) {
        await add(client, url, there, count);
        there = count;
        const [start, end, trip, held] = growthMetrics([one, many], [count]).map(({ name }) => name);
        numbers[held!] = await settledBytes(() => residentBytes(pid)) / 1e6;
        numbers[trip!] = await medianTime(200, 50, () => client.call("environment/status", {}));
        numbers[start!] = await medianTime(20, 5, async (i) => {
          await (await client.start(`start ${count} ${i}`, ["/bin/true"])).closed;
        });
        for (let i = 0; i < 10; i++) await client.start(`end ${count} ${i}`, idleCommand);
        numbers[end!] = await medianTime(
          8,
          2,
          (i) => client.call("process/terminate", { processId: `end ${count} ${i}` }),
        );
      }
      client.close();
      return numbers;
    },
  };
}

function growthMetrics([one, many]: Nouns, counts: readonly number[]): Metric[] {
  const beside = (count: number) => `${count.toLocaleString("en")} idle ${count === 1 ? one : many}`;
  return counts.flatMap((count) => [
    ms(`start to closed, ${beside(count)}`),
    ms(`terminate, ${beside(count)}`),
    ms(`round trip, ${beside(count)}`),
    megabytes(`memory, ${beside(count)}`),
  ]);
}
