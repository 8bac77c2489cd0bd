/** The C library through Deno's foreign function interface. */
import {
  type CType,
  declaredNames,
  declaredParameters,
  type ForeignLibrary,
  symbolOf,
} from "../posix/libc.ts";
import { currentPlatform, isKnownPlatform, type Platform } from "../posix/platform.ts";

type Buffer = Uint8Array<ArrayBuffer>;
type Buffers = [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
type Foreign = Deno.ForeignFunction<CType[], "i32", boolean>;

/**
 * Whether Deno may call a library. Where nothing says so it would ask at the terminal, if there is one, and the whole server
 * would wait for the answer.
 */
export function mayCallLibraries(): boolean {
  return Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}

/** Some functions of the C library, declared as Deno does; undefined where it cannot be called or lacks one of them. */
export function openFunctions<const Functions extends Deno.ForeignLibraryInterface>(
  functions: Functions,
): Deno.DynamicLibrary<Functions>["symbols"] | undefined {
  if (!isKnownPlatform() || !mayCallLibraries()) return undefined;
  for (const name of currentPlatform().libraries) {
    try {
      return Deno.dlopen(name, functions).symbols;
    } catch {
      // By another name, then.
    }
  }
  return undefined;
}

/**
 * Opens a library by name.
 *
 * @throws where it is not there, lacks a function, or `--allow-ffi` is not given
 */
export function openLibrary(name: string, platform: Platform): ForeignLibrary {
  if (!mayCallLibraries()) throw new Error("Deno needs --allow-ffi for it");
  const declarations: Record<string, Foreign> = {};
  for (const name of declaredNames(platform)) {
    declarations[name] = {
      name: symbolOf(name),
      parameters: declaredParameters(name, platform),
      result: "i32",
    };
  }
  const library = Deno.dlopen(name, declarations);
  // In a call of its own: what it declares has other types.
  const more = Deno.dlopen(name, {
    errnoLocation: { name: platform.errnoLocation, parameters: [], result: "pointer" },
    pollOffThread: { name: "poll", parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
    spawnOffThread: {
      name: "posix_spawn",
      parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
      result: "i32",
      nonblocking: true,
    },
  });
  // It stays where it is, as long as the thread runs.
  const errno = new Deno.UnsafePointerView(more.symbols.errnoLocation()!);
  return {
    symbols: library.symbols as unknown as ForeignLibrary["symbols"],
    errno: () => errno.getInt32(),
    addressOf: (bytes) =>
      BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>))),
    poll: (pollfds, count) =>
      more.symbols.pollOffThread(pollfds as Uint8Array<ArrayBuffer>, BigInt(count), -1),
    spawn: (...args) => more.symbols.spawnOffThread(...args as Buffers),
  };
}
