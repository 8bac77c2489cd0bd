import { refuseUnknownOptions } from "../client/known_options.ts";
import { PROCESS_DESCRIPTORS } from "../limits.ts";
import { FIRST_DESCRIPTOR, isDescriptorNumber, LAST_DESCRIPTOR } from "../protocol/descriptor_streams.ts";
import type { DescriptorKind } from "../protocol/schemas/descriptors.ts";

/** A descriptor that a process is to have beside 0, 1 and 2. */
export interface DescriptorRequest {
  /** Its number, 3 to 63. */
  readonly fd: number;
  /**
   * What the process does with it: `output`, a pipe that it writes to; `input`, one that it reads from; `duplex`, both, by a
   * Unix stream socket.
   */
  readonly kind: DescriptorKind;
}

const kinds: readonly string[] = ["output", "input", "duplex"] satisfies DescriptorKind[];

/**
 * Refuses what only a program without types can ask for, and what no process is given.
 *
 * @throws {TypeError} with the name of what is wrong
 */
export function checkDescriptors(descriptors: readonly DescriptorRequest[]): void {
  if (!Array.isArray(descriptors)) {
    throw new TypeError('descriptors must be an array, such as [{ fd: 3, kind: "output" }]');
  }
  const known = new Set<number>();
  for (const descriptor of descriptors as readonly DescriptorRequest[]) {
    refuseUnknownOptions("start descriptors", descriptor ?? null, { fd: true, kind: true });
    const { fd, kind } = descriptor;
    if (!isDescriptorNumber(fd)) {
      throw new TypeError(
        `descriptors: fd must be a whole number from ${FIRST_DESCRIPTOR} to ${LAST_DESCRIPTOR}, not ${
          JSON.stringify(fd)
        }`,
      );
    }
    if (!kinds.includes(kind)) {
      throw new TypeError(
        `descriptors: the kind of ${fd} must be output, input or duplex, not ${JSON.stringify(kind)}`,
      );
    }
    if (known.has(fd)) throw new TypeError(`descriptors: ${fd} is there twice`);
    known.add(fd);
  }
  if (known.size > PROCESS_DESCRIPTORS) {
    throw new TypeError(`descriptors: at most ${PROCESS_DESCRIPTORS} (PROCESS_DESCRIPTORS)`);
  }
}
