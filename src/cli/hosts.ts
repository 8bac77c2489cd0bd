import { delay } from "../std/async/delay.ts";
import { PS_WATCH_MS } from "../limits.ts";
import { hasLabels, readLabels } from "../fleet/labels.ts";
import { defineCommand } from "./command.ts";
import { asUsage, chosenFleet, fleetFlags } from "./fleet_flags.ts";
import { hostLines, hostTable } from "./host_table_text.ts";
import { print } from "./print.ts";

const flags = {
  ...fleetFlags,
  label: { value: "NAME[=VALUE]", repeat: true, help: "Show hosts with this label only" },
  group: { value: "NAME", help: "Show hosts of this group only" },
  json: { help: "Print each host as a line of JSON" },
  watch: { help: "Print them again whenever something has changed, until Ctrl-C" },
} as const;

/** `exec-server hosts` */
export const hosts = defineCommand({
  name: "hosts",
  summary: "List the hosts of a fleet that are there",
  examples: ["--fleet nats://broker.example.com --fleet-creds me.creds", "--label gpu --json", "--watch"],
  flags,
  async run({ flags: { label, group, json, watch, ...choice } }, host) {
    const fleet = chosenFleet(choice);
    const wanted = asUsage(() => readLabels(label));
    const [{ Broker }, { discoverHosts }] = await Promise.all([
      import("../fleet/broker.ts"),
      import("../fleet/hosts.ts"),
    ]);
    await using broker = await Broker.connect(fleet, "exec-server hosts");
    let shown: string | undefined;
    for (;;) {
      const found = (await discoverHosts(broker, group)).filter(({ labels }) => hasLabels(labels, wanted));
      const text = json ? hostLines(found) : hostTable(found);
      if (text !== shown) {
        const status = await print(host, text);
        if (status !== 0) return status;
      }
      shown = text;
      if (!watch) return 0;
      await delay(PS_WATCH_MS);
    }
  },
});
