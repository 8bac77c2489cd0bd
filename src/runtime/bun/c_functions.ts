import { type CFunctions, signatures } from "../posix/libc.ts";
import { currentPlatform } from "../posix/platform.ts";
import { loadBunFfi } from "./ffi.ts";
import { bunTypes } from "./libc.ts";

/**
 * A few functions of the C library, where all of it is not needed: undefined where they cannot be called. None of them
 * may be one whose arguments after a `...` need care.
 */
export function loadCFunctions<const Names extends readonly (keyof CFunctions)[]>(
  names: Names,
): Pick<CFunctions, Names[number]> | undefined {
  const ffi = loadBunFfi();
  const declarations = Object.fromEntries(
    names.map((
      name,
    ) => [name, { args: signatures[name].parameters.map((type) => bunTypes[type]), returns: "i32" }]),
  );
  for (const library of libraries()) {
    try {
      return ffi.dlopen(library, declarations).symbols as Pick<CFunctions, Names[number]>;
    } catch {
      // Known by another name here.
    }
  }
  return undefined;
}

function libraries(): readonly string[] {
  try {
    return currentPlatform().libraries;
  } catch {
    return [];
  }
}
