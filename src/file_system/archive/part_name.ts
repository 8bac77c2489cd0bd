import { createHash } from "node:crypto";

/**
 * What a large file is called while it is not complete. The name says of which version its bytes are, so that they are gone
 * on from only where that is still what is sent.
 */
export function partName(name: string, size: number, modifiedAtMs: number): string {
  const short = name.length > LONGEST_NAME ? createHash("sha256").update(name).digest("hex") : name;
  return `.${short}.${size.toString(36)}-${Math.round(modifiedAtMs).toString(36)}${PART_SUFFIX}`;
}

/** Characters of a name that leave room for the rest, however many bytes each has: no file system takes more than 255. */
const LONGEST_NAME = 64;

export const PART_SUFFIX = ".exec-server-part";
