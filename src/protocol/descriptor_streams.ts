/** Names of the streams that a process's descriptors beyond 2 are. */

/** The numbers that a process may be given. */
export const [FIRST_DESCRIPTOR, LAST_DESCRIPTOR] = [3, 63] as const;

/** Output of a descriptor by its number. */
export type DescriptorStream = `fd${number}`;

/** Whether a number is that of a descriptor beyond 2 which a process may be given. */
export function isDescriptorNumber(value: unknown): value is number {
  return Number.isInteger(value) && value as number >= FIRST_DESCRIPTOR && value as number <= LAST_DESCRIPTOR;
}

/** The stream of a descriptor. */
export function descriptorStream(fd: number): DescriptorStream {
  return `fd${fd}`;
}

/** Whether a stream is that of a descriptor, and not one of those that every process has. */
export function isDescriptorStream<Stream extends string>(
  stream: Stream,
): stream is Stream & DescriptorStream {
  return stream.startsWith("fd");
}

/** The descriptor of a stream; undefined for one of those that every process has, and for what is no stream. */
export function descriptorOf(stream: string): number | undefined {
  const fd = isDescriptorStream(stream) ? Number(stream.slice(2)) : undefined;
  return isDescriptorNumber(fd) && descriptorStream(fd) === stream ? fd : undefined;
}
