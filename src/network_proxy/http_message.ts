/** Heads of HTTP/1 messages: read strictly from whoever may not be trusted, and written anew. */

/** A line of a head, its name as it was written. */
export type HeaderLine = readonly [name: string, value: string];

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly minor: 0 | 1;
  readonly headers: readonly HeaderLine[];
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderLine[];
}

/** How long a body is. */
export type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until the end" };

/** A message is no HTTP, or could be read in two ways. */
export class HttpError extends Error {
  override readonly name = "HttpError";
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads the head of a request. Whatever two programs could read in different ways is refused: the next one reads it, too.
 *
 * @throws {HttpError} for what is none
 */
export function readRequestHead(text: string): RequestHead {
  // A carriage return or a line feed of its own ends a line for some.
  const lines = text.split("\r\n");
  const [, method = "", target = "", minor] =
    /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/.exec(lines[0]!) ?? [];
  if (minor === undefined) throw new HttpError("no request line of HTTP/1");
  const headers = lines.slice(1).map((line): HeaderLine => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = trimmed(line.slice(colon + 1));
    // deno-lint-ignore no-control-regex -- control characters are what it looks for
    if (colon < 0 || !token.test(name) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw new HttpError("a header line is none");
    }
    return [name, value];
  });
  return { method, target, minor: minor === "0" ? 0 : 1, headers };
}

/**
 * Reads the head of an answer, as generously as most do.
 *
 * @throws {HttpError} for what is none
 */
export function readAnswerHead(text: string): AnswerHead {
  const lines = text.split(/\r?\n/);
  const [, status, reason = ""] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(lines[0]!) ?? [];
  if (status === undefined) throw new HttpError("no status line of HTTP/1");
  const headers = lines.slice(1).flatMap((line): HeaderLine[] => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trimEnd();
    // deno-lint-ignore no-control-regex -- control characters are what it looks for
    const value = trimmed(line.slice(colon + 1)).replace(/[\x00\r]/g, " ");
    return colon > 0 && token.test(name) ? [[name, value]] : [];
  });
  return { status: Number(status), reason, headers };
}

function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** The values of a header, in their order. */
export function valuesOf(headers: readonly HeaderLine[], name: string): string[] {
  return headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value);
}

/** The elements of a header that is a list, in lower case. */
export function listOf(headers: readonly HeaderLine[], name: string): string[] {
  return valuesOf(headers, name).flatMap((value) => value.toLowerCase().split(",").map(trimmed))
    .filter((element) => element !== "");
}

/**
 * How long the body of a request is.
 *
 * @throws {HttpError} for what could be read in two ways
 */
export function requestFraming({ headers, minor }: RequestHead): Framing {
  const codings = listOf(headers, "transfer-encoding");
  const lengths = valuesOf(headers, "content-length");
  if (codings.length > 0) {
    if (codings.join() !== "chunked" || lengths.length > 0 || minor === 0) {
      throw new HttpError("the length of the body is not clear");
    }
    return { kind: "chunked" };
  }
  if (lengths.length > 1) throw new HttpError("the length of the body is said twice");
  return { kind: "length", bytes: lengths[0] === undefined ? 0 : lengthOf(lengths[0]) };
}

/**
 * How long the body of an answer is.
 *
 * @throws {HttpError} for what could be read in two ways
 */
export function answerFraming({ status, headers }: AnswerHead, method: string): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return { kind: "length", bytes: 0 };
  }
  const codings = listOf(headers, "transfer-encoding");
  if (codings.at(-1) === "chunked") return { kind: "chunked" };
  if (codings.length > 0) return { kind: "until the end" };
  const lengths = new Set(listOf(headers, "content-length"));
  if (lengths.size > 1) throw new HttpError("the length of the body is said in two ways");
  const [length] = lengths;
  return length === undefined ? { kind: "until the end" } : { kind: "length", bytes: lengthOf(length) };
}

function lengthOf(text: string): number {
  const length = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(length)) throw new HttpError("the length of the body is no number");
  return length;
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What a `Connection` header cannot take away: what is left would mean something else. */
const endToEnd = new Set(["host", "content-length", "content-type", "authorization", "date"]);

/** The header lines that go further than to the next program. */
export function passedOn(headers: readonly HeaderLine[]): HeaderLine[] {
  const named = new Set(listOf(headers, "connection").filter((name) => !endToEnd.has(name)));
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopByHop.has(lower) && !lower.startsWith("proxy-") && !named.has(lower);
  });
}

/** A head, as bytes. */
export function headBytes(firstLine: string, headers: readonly HeaderLine[]): Uint8Array<ArrayBuffer> {
  const text = `${firstLine}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
