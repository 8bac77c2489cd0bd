import { readFile } from "node:fs/promises";
import type { MachineCounters } from "./machine_counters.ts";
import type { KernelUnits } from "./kernel_units.ts";

/** Where a container finds what its memory may be; a machine as a whole has no such files. */
const group = "/sys/fs/cgroup";

/** What Linux tells in `/proc`. @throws {Error} the operating system's, where this program may not read it */
export async function linuxCounters({ tickMs }: KernelUnits): Promise<MachineCounters> {
  const { cores, busyTicks } = processorTicks(await text("/proc/stat"));
  const memory = memoryIn(await text("/proc/meminfo"));
  const uptime = await text("/proc/uptime");
  const load = await text("/proc/loadavg");
  return {
    cores,
    busyMs: Math.round(busyTicks * tickMs),
    memory: withinGroup(memory, await groupMemory()),
    load: load.split(" ", 3).map(Number),
    uptimeMs: Math.round(parseFloat(uptime) * 1000),
  };
}

/** How long the processors have worked, in what `/proc/stat` says. */
export function processorTicks(stat: string): { cores: number; busyTicks: number } {
  // cpu user nice system idle iowait irq softirq steal ...; what guests had is in user and nice already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = stat.slice(
    0,
    stat.indexOf("\n"),
  )
    .split(/ +/).slice(1).map(Number);
  return {
    cores: stat.match(/^cpu\d/gm)?.length ?? 1,
    busyTicks: user + nice + system + irq + softirq + steal,
  };
}

/** What `/proc/meminfo` says, in bytes. */
export function memoryIn(meminfo: string): MachineCounters["memory"] {
  const bytes = (name: string) => {
    const kibibytes = new RegExp(`^${name}: +(\\d+) kB`, "m").exec(meminfo)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  // Kernels before 3.14 do not tell what is available.
  return { total: bytes("MemTotal") ?? 0, available: bytes("MemAvailable") ?? bytes("MemFree") ?? 0 };
}

/** What a container has of a machine's memory. */
export interface GroupMemory {
  readonly max: number;
  readonly used: number;
}

/** The machine's memory, or what a container has of it. */
export function withinGroup(memory: MachineCounters["memory"], found: GroupMemory | undefined) {
  if (!found || !(found.max < memory.total)) return memory;
  const left = Math.max(0, found.max - found.used);
  return { total: found.max, available: Math.min(memory.available, left) };
}

/** Undefined where there is no container, or nothing limits it. */
async function groupMemory(): Promise<GroupMemory | undefined> {
  try {
    const max = Number(await text(`${group}/memory.max`)); // Or the word max.
    if (!Number.isFinite(max)) return undefined;
    const current = Number(await text(`${group}/memory.current`));
    const stat = await text(`${group}/memory.stat`);
    // Files in memory that nobody has used for a while go as soon as memory is wanted.
    return { max, used: current - Number(/^inactive_file (\d+)/m.exec(stat)?.[1] ?? 0) };
  } catch {
    return undefined;
  }
}

function text(path: string): Promise<string> {
  return readFile(path, "latin1");
}
