import type { Broker } from "../fleet/broker.ts";
import type { HostReport } from "../fleet/host_report.ts";
import { HostWatch } from "../fleet/host_watch.ts";
import { FLEET_SHOW_MS } from "../limits.ts";
import { delay } from "../std/async/delay.ts";

/** What is watched and how it is told. */
export interface WatchHostsOptions {
  readonly group: string | undefined;
  /** Hosts as a text. */
  readonly show: (hosts: readonly HostReport[]) => string;
  /** @returns a status other than 0 where nobody reads any more */
  readonly print: (text: string) => Promise<number>;
}

/** Prints hosts whenever they have changed, until nobody reads that any more. @returns the exit status */
export async function watchHosts(
  broker: Broker,
  { group, show, print }: WatchHostsOptions,
): Promise<number> {
  let changed = Promise.withResolvers<void>();
  using watch = await HostWatch.begin(broker, { group, onChange: () => changed.resolve() });
  let shown: string | undefined;
  for (;;) {
    changed = Promise.withResolvers();
    const text = show(watch.hosts);
    const status = text === shown ? 0 : await print(text);
    if (status !== 0) return status;
    shown = text;
    await changed.promise;
    // Many changes at once, such as of a whole fleet that comes back, are shown together.
    await delay(FLEET_SHOW_MS);
  }
}
