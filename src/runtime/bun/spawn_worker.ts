/**
 * Starts programs on another thread. Bun's foreign function interface has no call that leaves the thread, so a worker
 * makes it: one for each start that may have to wait for a file system, which few do.
 */

/** The worker's whole program; as text, as in poll_worker.ts. */
const source = `
  import { dlopen } from "bun:ffi";
  self.onmessage = ({ data: { library, addresses } }) => {
    const { posix_spawn } = dlopen(library, {
      posix_spawn: { args: ["ptr", "ptr", "ptr", "ptr", "ptr", "ptr"], returns: "i32" },
    }).symbols;
    postMessage(posix_spawn(...addresses));
  };
`;

/**
 * Calls `posix_spawn`.
 *
 * @param library name of the C library
 * @param addresses the arguments
 * @throws {Error} with `code` `"EAGAIN"` when there is no thread to be had
 */
export function spawnOnWorker(library: string, addresses: readonly number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([source], { type: "application/javascript" }));
    const failed = (cause: unknown) => {
      URL.revokeObjectURL(url);
      reject(Object.assign(new Error("no thread can be started", { cause }), { code: "EAGAIN" }));
    };
    let worker: Worker;
    try {
      worker = new Worker(url, { type: "module", smol: true } as WorkerOptions);
    } catch (error) {
      return failed(error);
    }
    const end = () => {
      URL.revokeObjectURL(url);
      worker.terminate();
    };
    worker.onmessage = ({ data }) => {
      end();
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      worker.terminate();
      failed(message);
    };
    worker.postMessage({ library, addresses });
  });
}
