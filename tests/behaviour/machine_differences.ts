/**
 * Where a machine does not do what the suite says, and why. The suite reads it: a behaviour that is listed for a target
 * must fail there, so that no row outlives its reason.
 */
import type { Difference } from "../support/differences.ts";

/** What the suite runs against. */
export type Target = "local" | "websocket" | "unix" | "stdio" | "fleet" | "codex";

const noWatch = "The reference server cannot tell changes; fs/watch and fs/unwatch are additive";
const groupsHeaders = "The reference server puts header lines of one name together";

export const differences: readonly Difference<Target>[] = [
  ...[
    "a watch tells what is made, changed and removed",
    "a watch tells of a new name",
    "a watch goes below when that is asked",
    "a watch ends when what it watches is gone",
    "a file is watched by itself, also when it goes and comes again",
    "a watch that is left is over",
    "what does not exist is not watched",
    "at most 64 watches are open",
  ].map((behaviour) => ({ behaviour, target: "codex", why: noWatch } as const)),
  {
    behaviour: "a command reads a stream",
    target: "codex",
    why: "The reference server cannot end a process's input, so that its length must be known before",
  },
  ...[
    "a file has the mode it is given",
    "a file gets another name",
    "a tree goes there and back with modes, times and links",
    "one file goes by itself",
    "a transfer tells how far it is, and ends when that is wanted",
    "a transfer goes on from where it was broken off",
    "nothing goes through a link that is in the way",
    "an archive that names what is outside is refused",
    "an archive is one that tar reads, and tar's are read",
  ].map((behaviour) => ({
    behaviour,
    target: "codex",
    why:
      "The reference server has neither modes nor renames nor archives: fs/rename and the like are additive",
  } as const)),
  ...[
    "the signal that ended a command is told",
    "a process tells its number and how it ended",
    "a process tells what its terminal shows",
  ].map((behaviour) => ({
    behaviour,
    target: "codex",
    why: "The reference server tells neither numbers nor signals, and keeps no screens",
  } as const)),
  {
    behaviour: "it tells how much of it is in use, and by which processes",
    target: "codex",
    why: "The reference server does not tell; machine/usage is additive",
  },
  {
    behaviour: "a file copied onto itself stays as it is",
    target: "codex",
    why: "The reference server empties a file that is copied onto itself",
  },
  {
    behaviour: "an answer has its status, its header lines and its body",
    target: "codex",
    why: groupsHeaders,
  },
  {
    behaviour: "a request has the method, the path and the header lines it is given",
    target: "codex",
    why: groupsHeaders,
  },
];
