/** Hears of changes in directories through the kernel's inotify, which opens nothing. */
import type { ChangeListener, DirectoryNotifier, Heard } from "../../host/directory_notifier.ts";
import { INOTIFY_READ_BYTES } from "../../limits.ts";
import { pathToBytes } from "../../native/path_text.ts";
import type { Native } from "../posix/native.ts";
import { POLLIN } from "../posix/platform.ts";
import type { Watch } from "../posix/poller.ts";
import { systemError } from "../posix/system_error.ts";
import { eventBits, isAboutItself, isLost, parseEvents } from "./inotify_events.ts";

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;

interface Listening {
  readonly bits: number;
  readonly listener: ChangeListener;
}

/**
 * The one inotify instance of the program, of which a user has few. The kernel has one watch for a directory, however
 * many listen to it; its number is not given to another one soon, so what is still said of a directory that nobody
 * watches any more is told to nobody.
 */
class Inotify implements DirectoryNotifier {
  readonly #native: Native;
  readonly #descriptor: number;
  readonly #watch: Watch;
  readonly #listening = new Map<number, Set<Listening>>();
  readonly #buffer = new Uint8Array(INOTIFY_READ_BYTES);

  /** @throws {Error} with `code`: `"EMFILE"` when the process has no descriptors, or the user no instances left */
  constructor(native: Native) {
    this.#native = native;
    const { c, errno } = native.libc;
    this.#descriptor = c.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (this.#descriptor < 0) throw systemError("inotify_init1", errno());
    this.#watch = native.poller.watch(this.#descriptor, () => this.#read());
  }

  watch(path: string, heard: Heard, listener: ChangeListener): Disposable {
    const { c, errno } = this.#native.libc;
    const bits = eventBits(heard);
    const bytes = pathToBytes(path + "\0");
    const number = c.inotify_add_watch(this.#descriptor, bytes, bits.asked);
    if (number < 0) throw systemError("inotify_add_watch", errno());
    const one: Listening = { bits: bits.told, listener };
    const all = this.#listening.get(number) ?? new Set();
    this.#listening.set(number, all.add(one));
    this.#watch.want(POLLIN);
    return { [Symbol.dispose]: () => this.#unlisten(number, one) };
  }

  #unlisten(number: number, one: Listening): void {
    const all = this.#listening.get(number);
    if (!all?.delete(one) || all.size > 0) return;
    this.#listening.delete(number);
    // It fails for a directory that is gone, whose watch went with it.
    this.#native.libc.c.inotify_rm_watch(this.#descriptor, number);
    if (this.#listening.size === 0) this.#watch.unwant(POLLIN);
  }

  #read(): void {
    const used = this.#native.libc.c.read(this.#descriptor, this.#buffer, this.#buffer.length);
    if (used <= 0) return;
    for (const { number, bits, name } of parseEvents(this.#buffer.subarray(0, used))) {
      if (isLost(bits)) this.#tellAll();
      else {
        const told = isAboutItself(bits) ? "" : name;
        for (const one of this.#listening.get(number) ?? []) {
          if (bits & one.bits) one.listener(told);
        }
      }
    }
  }

  /** Nobody knows whose events were dropped. */
  #tellAll(): void {
    for (const all of this.#listening.values()) {
      for (const { listener } of all) listener(undefined);
    }
  }
}

/**
 * A way to inotify that opens it at the first call. The call gives undefined where there is none, because the C library
 * cannot be called.
 */
export function inotify(openNative: () => Native): () => DirectoryNotifier | undefined {
  let opened: Inotify | undefined;
  return () => {
    if (opened) return opened;
    const native = nativeOrNone(openNative);
    if (!native?.libc.platform.isLinux) return undefined;
    return opened = new Inotify(native);
  };
}

function nativeOrNone(openNative: () => Native): Native | undefined {
  try {
    return openNative();
  } catch (error) {
    if ("code" in (error as Error)) throw error;
    return undefined;
  }
}
