/** The part of `@std/bytes/concat` that this program calls. Source: the standard library's documentation. */

/** Puts bytes together into new ones. */
export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
