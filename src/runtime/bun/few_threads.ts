/** Lets the engine do without threads that it would end and start again all the time. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { loadBunFfi } from "./ffi.ts";

/**
 * What the engine is told, by its environment, which it reads when it starts. Its threads for compiling and for collecting
 * garbage end when they have had nothing to do for seconds; where one cannot start again, as a child has filled the process
 * table, the engine ends the program, and with it every process of every client. Without them, this thread does their work:
 * less of it, all in all.
 */
const settings: Readonly<Record<string, string>> = {
  BUN_JSC_useConcurrentJIT: "0",
  BUN_JSC_useConcurrentGC: "0",
  BUN_JSC_numberOfGCMarkers: "1",
};

/** Names the settings that were made here, for the program that takes this one's place. */
const made = "EXEC_SERVER_ENGINE_SETTINGS";

/**
 * Starts this program again in its place, the same process, with an engine of few threads; returns there, and where that
 * is not possible. Its children do not get what it was told.
 */
export function runWithFewThreads(): void {
  if (process.platform !== "linux") return;
  // What it was started with, which stays as it was.
  const told = readFileSync("/proc/self/environ", "latin1").split("\0");
  const names = told.find((entry) => entry.startsWith(`${made}=`))?.slice(made.length + 1).split(",");
  if (!names) return startAgain();
  for (const name of [made, ...names]) delete process.env[name];
}

function startAgain(): void {
  const ffi = loadBunFfi();
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  const missing = Object.keys(settings).filter((name) => process.env[name] === undefined);
  for (const library of ["libc.so.6", "libc.so"]) {
    try {
      const { symbols: { setenv, unsetenv, execv } } = ffi.dlopen(library, {
        setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
        unsetenv: { args: ["ptr"], returns: "i32" },
        execv: { args: ["ptr", "ptr"], returns: "i32" },
      });
      // The arguments as they are, whatever bytes they have.
      const line = readFileSync("/proc/self/cmdline");
      const argv = new BigUint64Array(line.filter((byte) => byte === 0).length + 1);
      for (let at = 0, i = 0; at < line.length; at = line.indexOf(0, at) + 1) {
        argv[i++] = BigInt(ffi.ptr(line)) + BigInt(at);
      }
      setenv!(text(made), text(missing.join(",")), 1);
      for (const name of missing) setenv!(text(name), text(settings[name]!), 1);
      // By its path first, from which the process has its name.
      for (const path of [process.execPath, "/proc/self/exe"]) {
        execv!(text(path), new Uint8Array(argv.buffer));
      }
      for (const name of [made, ...missing]) unsetenv!(text(name));
      return;
    } catch {
      // The other C library, then.
    }
  }
}
