/** Puts bytes together into new ones. */
export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(buffers.reduce((length, buffer) => length + buffer.length, 0));
  let end = 0;
  for (const buffer of buffers) {
    whole.set(buffer, end);
    end += buffer.length;
  }
  return whole;
}
