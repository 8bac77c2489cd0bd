import { machineError } from "../machine_error.ts";

/** A stream of what a generator gives, as it is read. Failures come as those of a machine. */
export function streamOf(generate: () => AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  let pieces: AsyncGenerator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        pieces ??= generate();
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        throw machineError(error);
      }
    },
    cancel: async () => void await pieces?.return(undefined),
  }, { highWaterMark: 0 });
}
