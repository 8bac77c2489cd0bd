import type { HostReport } from "../fleet/host_report.ts";
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
  description:
    `With --watch hosts that go are shown as gone for some minutes, and are looked for all the time.`,
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
    const show = (found: readonly HostReport[]) => {
      const shown = found.filter(({ labels }) => hasLabels(labels, wanted));
      return json ? hostLines(shown) : hostTable(shown);
    };
    if (!watch) return await print(host, show(await discoverHosts(broker, group)));
    const { watchHosts } = await import("./watch_hosts.ts");
    return await watchHosts(broker, { group, show, print: (text) => print(host, text) });
  },
});
