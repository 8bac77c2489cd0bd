import type { AnswerHead } from "./answer_head.ts";
import { brokenOff } from "./body_error.ts";
import type { ByteSource } from "./byte_source.ts";
import { chunkedBody } from "./chunked_body.ts";

/**
 * The body that follows a head, as it arrives. Reading it throws where it breaks off.
 *
 * Where its length is told in several ways that agree, as a repeated `Content-Length`, it is taken; chunks count before
 * a length (RFC 9112, section 6.3).
 *
 * @param method of the request: there are those whose answers have no body
 * @throws {Error} when the length is told in ways that do not agree
 */
export function answerBody(
  method: string,
  { status, minorVersion, headers }: AnswerHead,
  source: ByteSource,
): AsyncIterable<Uint8Array> {
  const hasNone = method === "HEAD" || status < 200 || status === 204 || status === 304 ||
    (method === "CONNECT" && status < 300);
  if (hasNone) return noBody();
  const values = (wanted: string) =>
    headers.filter(({ name }) => name === wanted).flatMap(({ value }) => value.split(","));
  const codings = values("transfer-encoding").map((coding) => coding.trim().toLowerCase());
  if (codings.length > 0) {
    if (minorVersion === 0) throw new Error("an HTTP/1.0 answer has a Transfer-Encoding");
    return codings.at(-1) === "chunked" ? chunkedBody(source) : bodyToTheEnd(source);
  }
  const lengths = values("content-length").map((length) => length.trim());
  if (lengths.length === 0) return bodyToTheEnd(source);
  const [length] = lengths.map(Number);
  if (lengths.some((text) => !/^\d{1,19}$/.test(text) || Number(text) !== length)) {
    throw new Error("the answer has an invalid Content-Length");
  }
  return bodyOfLength(length!, source);
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

async function* bodyToTheEnd(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let piece = await source.next(); piece; piece = await source.next()) yield piece;
}

async function* bodyOfLength(length: number, source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await source.next();
    if (!piece) throw brokenOff();
    const part = piece.subarray(0, left);
    left -= part.length;
    yield part;
  }
}
