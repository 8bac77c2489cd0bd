import { invalid } from "../native/operation_error.ts";

/** One header line on its way. Names keep the writer's case and lines their order: a map would lose both, and repeats. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
  /** Set where the value came out of this machine's environment: it must not reach another origin. */
  readonly secret?: true;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex
const forbiddenInValue = /[\x00-\x08\x0a-\x1f\x7f]/;

/** @throws {OperationError} INVALID for a method that no request line can carry */
export function checkMethod(method: string): void {
  if (!token.test(method)) throw invalid("http/request method is invalid: invalid HTTP method");
}

/** @throws {OperationError} INVALID for a name that no header line can carry */
export function checkHeaderName(name: string): void {
  if (!token.test(name)) throw invalid("http/request header name is invalid: invalid HTTP header name");
}

/** @throws {OperationError} INVALID for a value that no header line can carry */
export function checkHeaderValue(name: string, value: string): void {
  if (forbiddenInValue.test(value)) {
    throw invalid(`http/request header value is invalid for ${name}: failed to parse header value`);
  }
}

/** Lines in the flat form that `node:http` sends as they are: `[name, value, name, value, ...]`. */
export function toRawHeaders(lines: readonly HeaderLine[]): string[] {
  return lines.flatMap(({ name, value }) => [name, toByteString(value)]);
}

/** One character per byte, as a header is written; the protocol's text is UTF-8. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Array.from(new TextEncoder().encode(text), byteCharacter).join("");
}

/** UTF-8 where the bytes are that, else one character per byte, so that no header is lost. */
export function fromByteString(text: string): string {
  if (isAscii(text)) return text;
  try {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return text;
  }
}

function byteCharacter(byte: number): string {
  return String.fromCharCode(byte);
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}
