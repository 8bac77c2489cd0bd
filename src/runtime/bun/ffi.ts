import { createRequire } from "node:module";

/** The part of `bun:ffi` that is used here. */
export interface BunFfi {
  dlopen(name: string, symbols: Record<string, { args: string[]; returns: string }>): {
    // deno-lint-ignore no-explicit-any
    symbols: Record<string, (...args: any[]) => any>;
  };
  ptr(bytes: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

/** Loads `bun:ffi`. Not an import: other tools that read this file would look for a package of that name. */
export function loadBunFfi(): BunFfi {
  return createRequire(import.meta.url)("bun:ffi");
}
