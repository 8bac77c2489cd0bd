import type { OpenDescriptors } from "./open_descriptors.ts";

const AT_FDCWD = -100;
const O_WRONLY = 1;

/** Writes to a file of the kernel's. */
export function writeTo(path: string, text: string, descriptors: OpenDescriptors): void {
  const { list } = descriptors;
  list.call("openat", AT_FDCWD, list.text(path), O_WRONLY, 0)
    .call("write", descriptors.next(), list.text(text), text.length);
  descriptors.closeAll();
}
