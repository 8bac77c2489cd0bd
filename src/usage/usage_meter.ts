import { hostOs } from "../host/facts.ts";
import type { CallShare } from "../host/waiting_calls.ts";
import { refused } from "../native/operation_error.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import { type DiskLooks, diskLooks, theseDisks } from "./disk_looks.ts";
import { type KernelUnits, kernelUnits } from "./kernel_units.ts";
import { linuxCounters } from "./linux_counters.ts";
import type { MachineCounters } from "./machine_counters.ts";
import type { MachineUsage } from "./machine_usage.ts";
import { runtimeCounters } from "./runtime_counters.ts";
import { sessionUsage } from "./session_usage.ts";

/** Looks how much of this machine is in use, for one who asks again and again. */
export class UsageMeter {
  readonly #calls: CallShare;
  readonly #disks: DiskLooks;
  #units: KernelUnits | undefined;
  #before: Pick<MachineCounters, "busyMs" | "uptimeMs"> = { busyMs: 0, uptimeMs: 0 };
  #looking: Promise<MachineUsage> | undefined;

  /** @param calls what one look waits in, which takes one thread at a time */
  constructor(calls: CallShare, disks: DiskLooks = diskLooks) {
    this.#calls = calls;
    this.#disks = disks;
  }

  /**
   * How much is in use, in all and by some processes. Who asks while there is a look under way gets what that sees.
   *
   * @throws {OperationError} REFUSED where this program may not look
   */
  look(processes: Iterable<ManagedProcess>): Promise<MachineUsage> {
    return this.#looking ??= this.#look([...processes]).finally(() => this.#looking = undefined);
  }

  async #look(processes: readonly ManagedProcess[]): Promise<MachineUsage> {
    const disks = this.#refusing(async () => await this.#disks.look(await theseDisks()));
    const counted = this.#refusing(() => this.#calls.run(() => this.#count(processes)));
    const [{ cores, busyMs, memory, load, uptimeMs, used }, looked] = await Promise.all([counted, disks]);
    const busy = partBusy({ busyMs, uptimeMs }, this.#before, cores);
    this.#before = { busyMs, uptimeMs };
    return { cpu: { cores, busy, busyMs }, memory, disks: looked, load, uptimeMs, processes: used };
  }

  async #count(processes: readonly ManagedProcess[]) {
    if (hostOs !== "linux") return { ...runtimeCounters(), used: undefined };
    const units = this.#units ??= await kernelUnits();
    return { ...await linuxCounters(units), used: await sessionUsage(processes, units) };
  }

  async #refusing<Result>(look: () => Promise<Result>): Promise<Result> {
    try {
      return await look();
    } catch (error) {
      const cause = error as Error;
      throw refused(`the usage of this machine cannot be seen: ${cause.message}; let the server read /proc`, {
        cause,
      });
    }
  }
}

/** The part of all processors that worked between two looks. */
function partBusy(
  now: Pick<MachineCounters, "busyMs" | "uptimeMs">,
  before: Pick<MachineCounters, "busyMs" | "uptimeMs">,
  cores: number,
): number {
  const spanMs = (now.uptimeMs - before.uptimeMs) * cores;
  // Both are counted in steps of some milliseconds.
  return spanMs > 0 ? Math.min(1, Math.max(0, (now.busyMs - before.busyMs) / spanMs)) : 0;
}
