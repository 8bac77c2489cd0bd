import type { CallShare } from "../../host/waiting_calls.ts";
import type { ResultSent } from "../../protocol/methods.ts";
import type { ProcessRegistry } from "../../process/process_registry.ts";
import type { Session } from "../../session/session.ts";
import type { UsageMeter } from "../../usage/usage_meter.ts";
import type { Handlers } from "./handler.ts";
import { uriOf } from "./wire_paths.ts";

/** What is looked at of this machine while it works. */
export interface MachineDomain {
  readonly session: Session;
  readonly registry: ProcessRegistry;
  /** What reads the files of the machine on the client's behalf waits in it. */
  readonly calls: CallShare;
}

/** How much of this machine is in use. What looks is loaded with the first request. */
export function machineHandlers({ session, registry, calls }: MachineDomain): Handlers<"machine/usage"> {
  let meter: UsageMeter | undefined;
  return {
    async "machine/usage"(): Promise<ResultSent<"machine/usage">> {
      const { UsageMeter } = await import("../../usage/usage_meter.ts");
      meter ??= new UsageMeter(calls);
      const own = [...registry.values()].filter(({ who }) => who === session.who);
      const { disks, load, processes, ...usage } = await meter.look(own);
      return {
        ...usage,
        disks: disks.map(({ path, ...disk }) => ({ path: uriOf(path), ...disk })),
        load: [...load],
        ...processes && { processes: [...processes] },
      };
    },
  };
}
