import { createReadStream } from "node:fs";
import { CAST_LINE_BYTES } from "../limits.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import { type CastEvent, CastReader } from "../recording/cast_reader.ts";
import { decodeStrictly, LineSplitter } from "../transport/line_splitter.ts";
import { UsageError } from "./usage_error.ts";

/**
 * What a recording tells.
 *
 * @throws {UsageError} for a file that cannot be read
 * @throws {CastError} for what is no recording
 */
export async function* castEvents(file: string): AsyncIterable<CastEvent> {
  const reader = new CastReader();
  const splitter = new LineSplitter(CAST_LINE_BYTES, decodeStrictly);
  const events = (bytes: Uint8Array): CastEvent[] =>
    [...splitter.push(bytes)].flatMap((line) => {
      if (line.kind === "tooLong") {
        throw new Error(`${file} has a line of more than ${CAST_LINE_BYTES} bytes`);
      }
      return reader.read(line.text ?? "") ?? [];
    });
  try {
    for await (const bytes of createReadStream(file)) yield* events(bytes);
  } catch (error) {
    const code = osErrorCode(error);
    if (!code) throw error;
    throw new UsageError(`Cannot read "${file}": ${osErrorText(code)}`, { cause: error });
  }
}
