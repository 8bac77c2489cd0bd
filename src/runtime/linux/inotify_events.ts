/** What inotify reads and writes, as the kernel lays it out. */
import { Buffer } from "node:buffer";
import type { Heard } from "../../host/directory_notifier.ts";
import { pathFromBytes } from "../../native/path_text.ts";

const IN_MODIFY = 0x2;
const IN_ATTRIB = 0x4;
const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_DELETE_SELF = 0x400;
const IN_MOVE_SELF = 0x800;
const IN_UNMOUNT = 0x2000;
const IN_Q_OVERFLOW = 0x4000;
const IN_IGNORED = 0x8000;
const IN_ONLYDIR = 0x1000000;
/** Nothing is heard of a file that has no name any more. */
const IN_EXCL_UNLINK = 0x4000000;
/** Adds to what others wait for in the same directory. */
const IN_MASK_ADD = 0x20000000;

const namesBits = IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
const askedBits: Readonly<Record<Heard, number>> = {
  names: namesBits,
  contents: namesBits | IN_MODIFY | IN_ATTRIB,
};

/** What the kernel is asked for, and what of it is told to whoever asked. */
export function eventBits(heard: Heard): { asked: number; told: number } {
  const bits = askedBits[heard];
  return { asked: bits | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD, told: bits | IN_UNMOUNT | IN_IGNORED };
}

/** Whether events were dropped because they were not read in time. */
export function isLost(bits: number): boolean {
  return (bits & IN_Q_OVERFLOW) !== 0;
}

/** Whether something happened to the directory itself, or to the watch of it. */
export function isAboutItself(bits: number): boolean {
  return (bits & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) !== 0;
}

/** One event. */
export interface InotifyEvent {
  /** The watch's. */
  readonly number: number;
  readonly bits: number;
  /** The name in the directory; empty for the directory itself. */
  readonly name: string;
}

/** Reads the events out of a block of `struct inotify_event`. */
export function* parseEvents(block: Uint8Array): Generator<InotifyEvent> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 12);
    const name = bytes.subarray(at + 16, at + 16 + length);
    const end = name.indexOf(0);
    yield {
      number: bytes.readInt32LE(at),
      bits: bytes.readUInt32LE(at + 4),
      name: pathFromBytes(end < 0 ? name : name.subarray(0, end)),
    };
    at += 16 + length;
  }
}
