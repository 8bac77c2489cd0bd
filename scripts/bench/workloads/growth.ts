import { megabytes, type Metric, ms, type Numbers } from "../metric.ts";
import { RawClient } from "../raw_client.ts";
import { residentBytes, settledBytes } from "../resident_bytes.ts";
import type { Workload } from "../workload.ts";
import { medianTime } from "./timing.ts";

/** The largest of a quick bench. */
const QUICK_MOST = 100;

/** How a server fares beside ever more idle processes of the same session. */
export const growthOfProcesses: Workload = growth(
  "processes",
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
  "connections",
  [1, 10, 100, 500],
  async (_, url, from, to) => {
    const clients: RawClient[] = [];
    for (let i = from; i < to; i++) clients.push(await RawClient.open(url));
    return () => Promise.resolve(clients.forEach((client) => client.close()));
  },
);

/** @param add makes the idle ones numbered `from` to `to`. @returns what takes them away again */
function growth(
  what: string,
  counts: readonly number[],
  add: (client: RawClient, url: string, from: number, to: number) => Promise<() => Promise<void>>,
): Workload {
  return {
    name: `growth, ${what}`,
    metrics: growthMetrics(what, counts),
    besides: [],
    isFresh: true,
    rounds: 2,
    async run({ url, pid }, { quick }) {
      const client = await RawClient.open(url);
      const numbers: Numbers = {};
      const undo: (() => Promise<void>)[] = [];
      let there = 0;
      let probes = 0;
      for (const count of counts.filter((count) => !quick || count <= QUICK_MOST)) {
        undo.push(await add(client, url, there, count));
        there = count;
        const [start, trip, held] = growthMetrics(what, [count]).map(({ name }) => name);
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

function growthMetrics(what: string, counts: readonly number[]): Metric[] {
  return counts.flatMap((count) => [
    ms(`start to closed, ${count} ${what}`),
    ms(`round trip, ${count} ${what}`),
    megabytes(`memory, ${count} ${what}`),
  ]);
}
