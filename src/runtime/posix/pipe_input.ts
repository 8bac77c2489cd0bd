import type { ByteSink } from "../../host/child_process.ts";
import { DescriptorInput } from "./descriptor_input.ts";
import type { Native } from "./native.ts";
import { enlargePipe, largePipeClosed, setNonBlocking } from "./pipe.ts";

/**
 * What writes to a pipe that a child reads, and closes it.
 *
 * @param beforeClose called once, before it is closed
 */
export function pipeInput({ libc, poller }: Native, write: number, beforeClose = () => {}): ByteSink {
  setNonBlocking(libc, write);
  const watch = poller.watch(write, (events) => input.onReady(events));
  let isLarge = false;
  const input = new DescriptorInput(libc, write, watch, () => {
    if (isLarge) largePipeClosed();
    beforeClose();
    watch.close();
  });
  input.onFlood = () => void (isLarge = enlargePipe(libc, write));
  return input;
}
