import type { DescriptorReserve } from "../host/descriptor_reserve.ts";
import { internalError } from "../protocol/errors.ts";

/** In the operating system's words, and with what helps. */
export function descriptorsShort({ limit }: DescriptorReserve): string {
  return `Too many open files (os error 24): of the ${limit} that this server may have open, the last are kept back; ` +
    "raise its limit with `ulimit -n`, or close some";
}

/** @throws {RpcError} -32603 while there are too few descriptors for something that keeps some */
export function refuseWhileShort(reserve: DescriptorReserve | undefined): void {
  if (reserve?.isShort()) throw internalError(descriptorsShort(reserve));
}
