import { ms } from "../metric.ts";
import { RawClient } from "../raw_client.ts";
import type { Workload } from "../workload.ts";
import { medianTime, withClient } from "./timing.ts";

/** The smallest request there is, one after the other. */
export const roundTrip: Workload = {
  name: "round trip",
  metrics: [ms("round trip")],
  besides: ["bare socket"],
  run: ({ url }, { quick }) =>
    withClient(url, async (client) => ({
      "round trip": await medianTime(quick ? 500 : 3_000, 300, () => client.call("environment/status", {})),
    })),
};

/** From a cut to what was missed of a process, on a new connection. */
export const resume: Workload = {
  name: "resume",
  metrics: [ms("resume after a cut")],
  besides: ["bare socket"],
  async run({ url }, { quick }) {
    let client = await RawClient.open(url);
    const { sessionId } = client;
    await client.start("p", ["sleep", "60"]);
    const time = await medianTime(quick ? 10 : 50, 5, async () => {
      client.close();
      client = await resumed(url, sessionId);
      await client.call("process/read", { processId: "p", afterSeq: 0 });
    });
    await client.call("process/terminate", { processId: "p" });
    client.close();
    return { "resume after a cut": time };
  },
};

/** How long a server may take to see that a connection is gone, in milliseconds. */
const DETACH_MS = 5_000;

async function resumed(url: string, sessionId: string): Promise<RawClient & { sessionId: string }> {
  for (const started = performance.now();;) {
    try {
      return await RawClient.open(url, sessionId);
    } catch (error) {
      // The session may still be attached to the connection that was cut.
      if (performance.now() - started > DETACH_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
