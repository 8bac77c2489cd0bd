/** The sessions of this program's children, written down where its watchdog finds them when this program is gone. */
import type { Libc } from "../../posix/libc.ts";
import { memoryFile } from "../sandbox/memory_file.ts";

/** Bytes of one entry: a number, a word and a newline. */
const entryBytes = 16;

/** A file in memory with one line for each session. */
export class SessionJournal {
  /** Its descriptor. */
  readonly file: number;
  readonly #libc: Libc;
  readonly #places = new Map<number, number>();
  readonly #free: number[] = [];
  #length = 0;
  readonly #entry = new Uint8Array(entryBytes);

  /** @throws {Error} with `code`, such as `"EMFILE"` */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.file = memoryFile(libc, new Uint8Array(), "data");
  }

  /** The leader of a session has been started. */
  started(pid: number): void {
    const place = this.#free.pop() ?? this.#length++;
    this.#places.set(pid, place);
    this.#write(place, `${pid} leader`);
  }

  /**
   * It has been reaped. What it leaves in its group keeps the number from being given anew; a session that a later leader of
   * that number has is known by that leader, and is not this one.
   */
  reaped(pid: number): void {
    const place = this.#places.get(pid);
    if (place === undefined) return;
    if (this.#libc.c.kill(-pid, 0) === 0) return this.#write(place, `${pid} rest`);
    this.#places.delete(pid);
    this.#free.push(place);
    this.#write(place, "");
  }

  #write(place: number, text: string): void {
    this.#entry.fill(0x20);
    for (let i = 0; i < text.length; i++) this.#entry[i] = text.charCodeAt(i);
    this.#entry[entryBytes - 1] = 0x0a;
    this.#libc.c.pwrite(this.file, this.#entry, entryBytes, place * entryBytes);
  }
}
