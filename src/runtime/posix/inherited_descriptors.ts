/** Keeps from children what this program was given by whoever started it. */
import { platform } from "node:process";
import type { Libc } from "./libc.ts";
import { openDescriptors } from "./process_listing.ts";

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Where nothing tells which descriptors are open, those below this are taken to be: the usual limit. */
const usualLimit = 1024;

/**
 * Lets no child inherit a descriptor that is open now, beyond the three that it is given: a lock that this program's
 * parent holds would be held for as long as the longest child lives. To be called before the first child is started; what
 * this program opens itself is kept from children as it is opened.
 */
export function keepFromChildren({ c }: Libc): void {
  if (platform !== "linux") return; // There, each start keeps them.
  for (const descriptor of openDescriptors(c) ?? Array(usualLimit).keys()) {
    if (descriptor > 2) c.fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
}
