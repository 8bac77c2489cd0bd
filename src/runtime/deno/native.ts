import { openLibc } from "../posix/libc.ts";
import { nativeCalls } from "../posix/native.ts";
import { isKnownPlatform } from "../posix/platform.ts";
import { SharedLibc } from "../posix/shared_libc.ts";
import { mayCallLibraries, openLibrary } from "./libc.ts";

/** The C library, as Deno calls it. */
export const sharedLibc = new SharedLibc(
  () => openLibc(openLibrary),
  () => isKnownPlatform() && mayCallLibraries(),
);

/** The same, with what waits for descriptors; opened once for all who use it. */
export const openNative = nativeCalls(sharedLibc.open);
