/** The C library through Bun's foreign function interface. */
import {
  type CType,
  declaredNames,
  declaredParameters,
  type ForeignLibrary,
  symbolOf,
} from "../posix/libc.ts";
import type { Platform } from "../posix/platform.ts";
import { loadBunFfi } from "./ffi.ts";
import { PollWorker } from "./poll_worker.ts";
import { spawnOnWorker } from "./spawn_worker.ts";

const bunTypes: Record<CType, string> = { i32: "i32", usize: "u64", buffer: "ptr" };

/**
 * Opens a library by name.
 *
 * @throws where it is not there or lacks a function
 */
export function openLibrary(name: string, platform: Platform): ForeignLibrary {
  const ffi = loadBunFfi();
  const declarations: Record<string, { args: string[]; returns: string }> = {
    [platform.errnoLocation]: { args: [], returns: "ptr" },
  };
  const renamed: [name: string, symbol: string, declaration: { args: string[]; returns: string }][] = [];
  for (const symbol of declaredNames(platform)) {
    const declaration = {
      args: declaredParameters(symbol, platform).map((type) => bunTypes[type]),
      returns: "i32",
    };
    if (symbolOf(symbol) === symbol) declarations[symbol] = declaration;
    else renamed.push([symbol, symbolOf(symbol), declaration]);
  }
  const { symbols } = ffi.dlopen(name, declarations);
  for (const [own, symbol, declaration] of renamed) {
    // Only in a library of its own can a function be declared in another way. Few need it, and none at the start.
    symbols[own] = (...args) => {
      symbols[own] = ffi.dlopen(name, { [symbol]: declaration }).symbols[symbol]!;
      return symbols[own](...args);
    };
  }
  // It stays where it is, as long as the thread runs.
  const errno: number = symbols[platform.errnoLocation]!();
  const worker = new PollWorker(name);
  return {
    symbols,
    errno: () => ffi.read.i32(errno, 0),
    addressOf: (bytes) => BigInt(ffi.ptr(bytes)),
    startPolling: () => worker.start(),
    poll: (pollfds, count) => worker.poll(ffi.ptr(pollfds), count),
    spawn: (...args) => spawnOnWorker(name, args.map((bytes) => ffi.ptr(bytes))),
  };
}
