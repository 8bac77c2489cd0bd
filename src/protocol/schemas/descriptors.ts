import * as v from "valibot";
import { PROCESS_DESCRIPTORS } from "../../limits.ts";
import {
  descriptorOf,
  type DescriptorStream,
  FIRST_DESCRIPTOR,
  LAST_DESCRIPTOR,
} from "../descriptor_streams.ts";
import { unsigned } from "./values.ts";

/** Schemas of what a process has beside its standard streams: all additive. */

const numbers = `must be from ${FIRST_DESCRIPTOR} to ${LAST_DESCRIPTOR}`;

/** The number of a descriptor beyond 2. */
export const descriptorNumber = v.pipe(
  unsigned,
  v.minValue(FIRST_DESCRIPTOR, numbers),
  v.maxValue(LAST_DESCRIPTOR, numbers),
);

/** What a process does with a descriptor: writes to it, reads from it, or both, which is a Unix socket. */
export const descriptorKind = v.picklist(["output", "input", "duplex"]);

/** What it is to have. */
export const processDescriptors = v.pipe(
  v.array(v.object({
    /** Its number, 3 to 63, each once. */
    fd: descriptorNumber,
    /** `output`: a pipe that it writes to. `input`: one that it reads from. `duplex`: both, a Unix stream socket. */
    kind: descriptorKind,
  })),
  v.check(
    (list) => list.length <= PROCESS_DESCRIPTORS,
    `must have at most ${PROCESS_DESCRIPTORS} (PROCESS_DESCRIPTORS)`,
  ),
  v.check(
    (list) => new Set(list.map(({ fd }) => fd)).size === list.length,
    "must have each fd once",
  ),
);

/** The stream of a descriptor that a process writes to: `fd3` to `fd63`. */
export const descriptorOutput = v.custom<DescriptorStream>(
  (value) => typeof value === "string" && descriptorOf(value) !== undefined,
);

export type DescriptorKind = v.InferOutput<typeof descriptorKind>;
export type DescriptorRequest = v.InferOutput<typeof processDescriptors>[number];
