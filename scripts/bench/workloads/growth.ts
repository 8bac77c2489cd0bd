import { megabytes, type Metric, ms, type Numbers } from "../metric.ts";
import { RawClient } from "../raw_client.ts";
import { residentBytes, settledBytes } from "../resident_bytes.ts";
import type { Workload } from "../workload.ts";
import { medianTime } from "./timing.ts";

/** The one of a quick bench. */
const QUICK_COUNT = 100;

/** What is counted, singular and plural. */
type Nouns = readonly [string, string];

/** How a server fares beside ever more idle processes of the same session. */
export const growthOfProcesses: Workload = growth(
  ["process", "processes"],
  [1, 10, 100, 1_000],
  async (client, _url, from, to) => {
    for (let i = from; i < to; i++) await client.start(`idle${i}`, ["sleep", "600"]);
    return async () => {
      for (let i = from; i < to; i++) await client.call("process/terminate", { processId: `idle${i}` });
    };
  },
);

/** The same beside ever more idle connections, each with a session of its own. */
export const growthOfConnections: Workload = growth(
  ["connection", "connections"],
  [1, 10, 100, 500],
  async (_, url, from, to) => {
    const clients: RawClient[] = [];
    for (let i = from; i < to; i++) clients.push(await RawClient.open(url));
    return () => Promise.resolve(clients.forEach((client) => client.close()));
  },
);

/** @param add makes the idle ones numbered `from` to `to`. @returns what takes them away again */
function growth(
  [one, many]: Nouns,
  counts: readonly number[],
  add: (client: RawClient, url: string, from: number, to: number) => Promise<() => Promise<void>>,
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
      const undo: (() => Promise<void>)[] = [];
      let there = 0;
      let probes = 0;
      for (const count of quick ? [QUICK_COUNT] : counts) {
        undo.push(await add(client, url, there, count));
        there = count;
        const [start, trip, held] = growthMetrics([one, many], [count]).map(({ name }) => name);
        numbers[held!] = await settledBytes(() => residentBytes(pid)) / 1e6;
        numbers[trip!] = await medianTime(200, 50, () => client.call("environment/status", {}));
        numbers[start!] = await medianTime(20, 5, async () => {
          await (await client.start(`probe${probes++}`, ["/bin/true"])).closed;
        });
      }
      for (const takeAway of undo) await takeAway();
      client.close();
      return numbers;
    },
  };
}

function growthMetrics([one, many]: Nouns, counts: readonly number[]): Metric[] {
  const beside = (count: number) => `${count.toLocaleString("en")} idle ${count === 1 ? one : many}`;
  return counts.flatMap((count) => [
    ms(`start to closed, ${beside(count)}`),
    ms(`round trip, ${beside(count)}`),
    megabytes(`memory, ${beside(count)}`),
  ]);
}
