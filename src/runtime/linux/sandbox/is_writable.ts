import type { Plan } from "../../../host/confinement.ts";

/** Whether a plan lets a path be written to, or something around it, as far as its writable places tell. */
export function isWritable(path: string, { root, mounts }: Plan): boolean {
  return root === "writable" ||
    mounts.some(({ kind, path: place }) => kind === "writable" && `${path}/`.startsWith(`${place}/`));
}
