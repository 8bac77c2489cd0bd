import { Buffer } from "node:buffer";
import type { OutputEvent } from "../log/process_event.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";

/** Codes of programs that draw anywhere on the screen: the alternate screen, a hidden cursor, or one that is placed. */
// deno-lint-ignore no-control-regex -- escape codes are what it looks for
const drawing = /\x1b\[(?:\?(?:25|47|1047|1049)[hl]|\d*;?\d*[HfdA])/;
const esc = 0x1b;

/**
 * Whether output is that of a program which draws on the screen, where what was drawn once stays. Of all other output the
 * end tells what the screen shows.
 */
export function drawsScreen(chunks: readonly OutputEvent[]): boolean {
  return chunks.some(({ stream, bytes }) => {
    if (isDescriptorStream(stream)) return false;
    const text = () => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    return bytes.includes(esc) && drawing.test(text());
  });
}
