/** What the kernel says of processes. Nothing of it announces itself, so it is looked at now and then. */

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

/** Open file descriptors. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Whether a process exists and has not ended. */
export function isAlive(pid: number): boolean {
  return ![undefined, "Z", "X"].includes(stateOf(pid));
}

/** The state letter of a process, or undefined where there is none. */
export function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s+(\w)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  } catch {
    return undefined;
  }
}

/** The name of a process's program, or undefined where there is none. */
export function nameOf(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
  } catch {
    return undefined;
  }
}

/** Bytes a process has written in its life; undefined once it has ended. */
export function bytesWritten(pid: number): number | undefined {
  try {
    return Number(/^wchar: (\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`))?.[1]);
  } catch {
    return undefined;
  }
}

/** The pids of living processes whose environment has a variable. */
export function pidsWith(variable: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    if (!Number.isInteger(pid)) return false;
    try {
      return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(variable) && isAlive(pid);
    } catch {
      return false;
    }
  });
}

/** Waits until something is so. @throws {Error} when it does not become so in time, however slow the machine is */
export async function until(what: string, isSo: () => boolean, limitMs = 30_000): Promise<void> {
  for (const end = performance.now() + limitMs; !isSo();) {
    if (performance.now() > end) throw new Error(`It never came to be that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until a value has not changed for a while: what goes on as long as it can has come to a standstill. */
export async function untilSteady<T>(value: () => T, quietMs = 300, limitMs = 30_000): Promise<T> {
  let last = value();
  let since = performance.now();
  for (const end = since + limitMs; performance.now() - since < quietMs;) {
    if (performance.now() > end) throw new Error("It never came to a standstill");
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = value();
    if (now !== last) since = performance.now();
    last = now;
  }
  return last;
}
