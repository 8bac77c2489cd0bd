import { readFileSync } from "node:fs";
import process from "node:process";
import type { WriteStandard } from "../../cli/program_host.ts";

/** Writes through `node:process`. */
export const writeStandard: WriteStandard = (stream, bytes) => {
  if (wasClosed(stream)) {
    return Promise.reject(Object.assign(new Error("Bad file descriptor, it was closed"), { code: "EBADF" }));
  }
  const target = stream === "stdout" ? process.stdout : process.stderr;
  return new Promise((resolve, reject) => {
    // The stream tells an error twice, and an event nobody listens to would end the program.
    if (target.listenerCount("error") === 0) target.on("error", () => {});
    target.write(bytes, (error) => error ? reject(error) : resolve());
  });
};

const closed: { stdout?: boolean; stderr?: boolean } = {};

/**
 * Whether the program was started with this stream closed. Bun opens /dev/null in its place, and so that it is closed by
 * an `exec`, which no inherited descriptor can be. Only Linux tells.
 */
function wasClosed(stream: "stdout" | "stderr"): boolean {
  return closed[stream] ??= closesOnExec(stream === "stdout" ? 1 : 2);
}

function closesOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"))?.[1];
    return (parseInt(flags ?? "0", 8) & 0o2000000) !== 0;
  } catch {
    return false;
  }
}
