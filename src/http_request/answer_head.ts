import { HTTP_HEADER_BYTES } from "../limits.ts";
import type { ByteSource } from "./byte_source.ts";
import { fromByteString, type HeaderLine } from "./headers.ts";

/** The first part of an answer. */
export interface AnswerHead {
  /** 100 to 999. */
  readonly status: number;
  /** The version's last digit. */
  readonly minorVersion: 0 | 1;
  /** Lower-case names, in the order of arrival, repeats included. */
  readonly headers: readonly HeaderLine[];
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Reads the head of the answer that counts: whatever announces it (100, 103) is passed over.
 *
 * What the reference server takes, and no more: a line may end with LF alone, blank lines may come first, a reason may
 * be missing. No header may be continued on the next line, and no blank stand before a colon: those are read in two ways.
 *
 * @throws {Error} when it is no HTTP, or longer than a head may be
 */
export async function readAnswerHead(source: ByteSource): Promise<AnswerHead> {
  for (let left = HTTP_HEADER_BYTES;;) {
    const line = async () => {
      const text = await source.before(0x0a, left);
      if (text === undefined) throw new Error("the connection was closed before the answer was complete");
      left -= text.length + 1;
      return text.endsWith("\r") ? text.slice(0, -1) : text;
    };
    let first = await line();
    while (first === "") first = await line();
    const [, minor, status] = statusLine.exec(first) ?? [];
    if (status === undefined) throw new Error("the answer is not HTTP/1.1");
    const headers: HeaderLine[] = [];
    for (let text = await line(); text !== ""; text = await line()) headers.push(parseHeader(text));
    if (/^1/.test(status) && status !== "101") continue;
    return { status: Number(status), minorVersion: minor === "1" ? 1 : 0, headers };
  }
}

function parseHeader(text: string): HeaderLine {
  const [, name, value] = headerLine.exec(text) ?? [];
  if (name === undefined) throw new Error("the answer has an invalid header line");
  return { name: name.toLowerCase(), value: fromByteString(value!.replace(/^[\t ]+|[\t ]+$/g, "")) };
}
