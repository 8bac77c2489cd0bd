import { constants, type Stats } from "node:fs";

/** What is told of something that is hidden, or stands for something: that it is an empty file or directory. */
export function maskedStats(stats: Stats, isDirectory: boolean): Stats {
  const masked: Stats = Object.assign(Object.create(Object.getPrototypeOf(stats)), stats);
  const type = isDirectory ? constants.S_IFDIR : constants.S_IFREG;
  // The size of an empty directory in memory.
  return Object.assign(masked, { mode: type, size: isDirectory ? 40 : 0, mtimeMs: 0, birthtimeMs: 0 });
}
