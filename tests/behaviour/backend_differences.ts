/**
 * Where a backend does not do what the suite says, and why. The suite reads it: a behaviour that is listed for a
 * backend must fail there, so that no row outlives its reason, unless it is `sometimes` shown.
 */
import type { Difference } from "../support/differences.ts";

/** What the suite runs against. */
export type Target = "local" | "websocket" | "stdio" | "fleet" | "codex";

const noCloseStdin = "The reference server has no method that closes stdin";
const noDescriptors = "The reference server gives a process no descriptors beyond 2";
const noResize = "The reference server has no method that resizes, and knows no other size than 24 by 80";

export const differences: readonly Difference<Target>[] = [
  {
    behaviour: "closing stdin ends the input after what was written",
    target: "codex",
    why: noCloseStdin,
  },
  { behaviour: "closing stdin twice is fine", target: "codex", why: noCloseStdin },
  {
    behaviour: "closing a stdin that is not there is answered with stdinClosed",
    target: "codex",
    why: noCloseStdin,
  },
  {
    behaviour: "a child that does not read holds its writer up, not the others",
    target: "codex",
    why: "The reference server fails a write that waits for room when its process is killed",
    sometimes: true,
  },
  ...[
    "descriptors are read and written as streams, each by itself",
    "a duplex descriptor is read to its end by the process, which answers then",
    "a descriptor that is not there, or goes the other way, is refused",
    "a reader of a descriptor holds the process up, and leaving it lets go",
  ].map((behaviour) => ({ behaviour, target: "codex", why: noDescriptors }) as const),
  {
    behaviour: "other signals reach it by name",
    target: "codex",
    why: "The reference server knows no other signal than interrupt",
  },
  { behaviour: "a resize behind pipes is refused", target: "codex", why: noResize },
  { behaviour: "a terminal has the size it is given", target: "codex", why: noResize },
  { behaviour: "a terminal can be resized", target: "codex", why: noResize },
  {
    behaviour: "a program that asks its terminal is answered where that is wanted",
    target: "codex",
    why: "The reference server keeps no screens, and a start that wants one's answers is refused",
  },
  {
    behaviour: "a program killed on a terminal tells its signal",
    target: "codex",
    why: "The reference server reports 1 for every death by a signal on a terminal",
  },
];
