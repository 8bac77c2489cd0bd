import type { Stats } from "node:fs";
import { geteuid } from "node:process";

/** Writable by all, and only its owner may remove what is in it: `/tmp`. */
const sharedMode = 0o1002;

/**
 * Whether something in a folder that all may write to is neither this program's user's nor the folder's owner's. A kernel
 * follows no such link and creates over no such file for anybody (`fs.protected_symlinks`, `fs.protected_regular`), so that
 * nobody is led astray by what lies in `/tmp`. Names that are gone to one by one are not seen by it as a way.
 */
export function isLeftByStranger({ uid }: Stats, folder: Stats): boolean {
  return (folder.mode & sharedMode) === sharedMode && uid !== folder.uid && uid !== geteuid?.();
}
