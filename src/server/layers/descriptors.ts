import type { DescriptorReserve } from "../../host/descriptor_reserve.ts";
import { refuseWhileShort } from "../descriptors_short.ts";
import type { Layer } from "../dispatcher.ts";

/** Refuses what would keep descriptors while they are short, so that what is there can go on. */
export function descriptors(reserve: (() => DescriptorReserve | undefined) | undefined): Layer {
  return ({ method }, next) => {
    if (method.keepsDescriptors) refuseWhileShort(reserve?.());
    return next();
  };
}
