import process from "node:process";
import type { WriteStandard } from "../../cli/runtime.ts";

/** Writes through `node:process`. */
export const writeStandard: WriteStandard = (stream, bytes) => {
  const target = stream === "stdout" ? process.stdout : process.stderr;
  return new Promise((resolve, reject) => {
    // The stream tells an error twice, and an event nobody listens to would end the program.
    if (target.listenerCount("error") === 0) target.on("error", () => {});
    target.write(bytes, (error) => error ? reject(error) : resolve());
  });
};
