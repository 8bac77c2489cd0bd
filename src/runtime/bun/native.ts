import { openLibc } from "../posix/libc.ts";
import { nativeCalls } from "../posix/native.ts";
import { openLibrary } from "./libc.ts";

/** The C library, as Bun calls it; opened once for all who use it. */
export const openNative = nativeCalls(() => openLibc(openLibrary));
