import { inotify } from "../linux/inotify.ts";
import { openNative } from "./native.ts";

/** What tells of changes in directories: on Linux, where the C library can be called. */
export const openNotifier = inotify(openNative);
