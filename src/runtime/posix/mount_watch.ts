/** Learns that something was mounted or unmounted. */
import { platform } from "node:process";
import { mountTable } from "../../host/mount_table.ts";
import { cString } from "./c_strings.ts";
import type { Libc } from "./libc.ts";

const O_CLOEXEC = 0o2000000;
const POLLPRI = 0x2;
const POLLERR = 0x8;

/** Lets the table of mounts be read only when it has changed: the kernel tells it by an event of the table's file. */
export function watchMounts({ c }: Libc): void {
  if (platform !== "linux") return;
  const descriptor = c.open(cString("/proc/self/mountinfo"), O_CLOEXEC);
  if (descriptor < 0) return; // Read as often as its reading costs little.
  const pollfd = new Int32Array([descriptor, POLLPRI]);
  const bytes = new Uint8Array(pollfd.buffer);
  mountTable.watchWith(() => c.poll(bytes, 1, 0) !== 0 && (pollfd[1]! >>> 16 & (POLLPRI | POLLERR)) !== 0);
}
