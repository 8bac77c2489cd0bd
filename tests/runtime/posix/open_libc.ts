import { type Libc, openLibc } from "../../../src/runtime/posix/libc.ts";
import { openLibrary } from "../../../src/runtime/deno/libc.ts";

/** The C library of this machine. Opened while the tests load, so that no test counts as the one that left it open. */
export const libc: Libc = openLibc(openLibrary);
