import { internalError } from "../protocol/errors.ts";

/**
 * The descriptors that this program keeps back, so that it can be reached, files be read and processes be ended when its
 * clients have used up all others.
 */
export interface DescriptorReserve {
  /** How many descriptors this program may have; `Infinity` where there is no limit. */
  readonly limit: number;
  /** Whether no more are free than are kept back, or than a share of those. */
  isShort(share?: number): boolean;
}

/** In the operating system's words, and with what helps. */
export function descriptorsShort({ limit }: DescriptorReserve): string {
  return `Too many open files (os error 24): of the ${limit} that this server may have open, the last are kept back; ` +
    "raise its limit with `ulimit -n`, or close some";
}

/** @throws {RpcError} -32603 while there are too few descriptors for something that keeps some */
export function refuseWhileShort(reserve: DescriptorReserve | undefined): void {
  if (reserve?.isShort()) throw internalError(descriptorsShort(reserve));
}
