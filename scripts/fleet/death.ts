/** How soon it is known that a host was killed. */
import { Broker } from "../../src/fleet/broker.ts";
import { HostWatch } from "../../src/fleet/host_watch.ts";
import type { TestBroker } from "../../tests/support/broker.ts";
import { commands } from "../commands.ts";
import { median, startChild } from "./children.ts";

export async function deathKnownMs(broker: TestBroker, rounds: number): Promise<number> {
  await using connection = await Broker.connect({ servers: [broker.url] }, "measurement");
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const name = `mortal${round}`;
    await using host = await startChild([
      ...[...commands["deno"]!, "serve", "--log-level", "off", "--fleet", broker.url, "--fleet-name", name],
    ]);
    const known = Promise.withResolvers<void>();
    let look = () => {};
    using watch = await HostWatch.begin(connection, { onChange: () => look() });
    look = () => {
      if (watch.hosts.some((host) => host.name === name && host.state === "gone")) known.resolve();
    };
    const begun = performance.now();
    host.kill();
    await known.promise;
    times.push(performance.now() - begun);
  }
  return median(times);
}
