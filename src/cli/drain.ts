import { FLEET_OPEN_MS } from "../limits.ts";
import { defineCommand } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { chosenFleet, fleetFlags } from "./fleet_flags.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  ...fleetFlags,
  deadline: { value: "DURATION", help: "End it after this time, whatever runs (30s, 10m, 1h)" },
  undo: { help: "Let it take sessions again" },
} as const;

/** `exec-server drain` */
export const drain = defineCommand({
  name: "drain",
  summary: "Let a host of a fleet take nobody new, and end when its processes have ended",
  operands: "HOST...",
  description:
    `Sessions that there are go on, and may come back after a lost connection. The host ends with status 0 as soon as no \
process runs on it, or at the deadline.`,
  examples: ["web1 --deadline 10m", "--undo web1"],
  flags,
  async run({ flags: { deadline, undo, ...choice }, rest }, host) {
    const fleet = chosenFleet(choice);
    if (rest.length === 0) {
      throw new UsageError("drain needs the name of a host; exec-server hosts lists them");
    }
    const deadlineMs = deadline === undefined ? undefined : parseDuration("deadline", deadline);
    const [{ Broker }, { chooseNamed, discoverHosts, hostText }, { subjects }, { write }, { readReport }] =
      await Promise.all([
        import("../fleet/broker.ts"),
        import("../fleet/hosts.ts"),
        import("../fleet/subjects.ts"),
        import("../fleet/opening.ts"),
        import("../fleet/host_report.ts"),
      ]);
    await using broker = await Broker.connect(fleet, "exec-server drain");
    const found = await discoverHosts(broker);
    for (const { group, name } of rest.map((text) => chooseNamed(found, text))) {
      const request = undo ? { undo } : { deadlineMs };
      const answer = await broker.ask(subjects.admin(group, name), write(request), FLEET_OPEN_MS);
      const report = answer && readReport(answer);
      if (!report) {
        throw new Error(
          `The host ${group}/${name} does not answer: it is gone, or these credentials may not drain it`,
        );
      }
      await print(host, `${hostText(report)} ${report.state}\n`);
    }
    return 0;
  },
});
