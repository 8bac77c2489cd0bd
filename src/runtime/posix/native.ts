/** What everything that goes through the C library shares: the library, and the one poll for its descriptors. */
import type { Libc } from "./libc.ts";
import { EpollPoller } from "../linux/epoll_poller.ts";
import { PollPoller } from "./poll_poller.ts";
import type { Poller } from "./poller.ts";
import { isExhausted } from "./shared_libc.ts";

/** The C library of this program, and what waits for its descriptors. */
export interface Native {
  readonly libc: Libc;
  readonly poller: Poller;
}

/**
 * A way to the C library that opens it once, at the first call.
 *
 * @param openLibc throws where there is no way to it; so does every call then
 */
export function nativeCalls(openLibc: () => Libc): () => Native {
  let opened: { native: Native } | { reason: unknown } | undefined;
  return () => {
    opened ??= open(openLibc);
    if ("reason" in opened) throw opened.reason;
    return opened.native;
  };
}

function open(openLibc: () => Libc): { native: Native } | { reason: unknown } {
  let libc: Libc;
  try {
    libc = openLibc();
  } catch (reason) {
    // Where descriptors have run out for now, a later call may find some.
    if (isExhausted(reason)) throw reason;
    return { reason };
  }
  return { native: { libc, poller: openPoller(libc) } };
}

/** What waits for descriptors, as this platform does best. */
export function openPoller(libc: Libc): Poller {
  return libc.platform.isLinux ? new EpollPoller(libc) : new PollPoller(libc);
}
