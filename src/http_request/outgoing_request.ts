import { Buffer } from "node:buffer";
import { invalid } from "../native/operation_error.ts";
import { environmentHeaderValue, type Variables } from "./environment_header.ts";
import { checkHeaderName, checkHeaderValue, checkMethod, type HeaderLine } from "./headers.ts";
import type { HttpRequest, RequestHeader } from "./http_request.ts";

/** A request as it goes out, checked. */
export interface OutgoingRequest {
  readonly method: string;
  /** http or https, without user information. */
  readonly url: URL;
  /** The client's own lines and what stands for the URL's user information; none that frame the body. */
  readonly headers: readonly HeaderLine[];
  /** Empty where there is none. */
  readonly body: Uint8Array;
}

/** The body's length is this program's to tell, or the peer would take the next bytes for something else. */
const framing = new Set(["content-length", "transfer-encoding"]);

/**
 * What a client asks for, as a request that can be sent.
 *
 * @throws {OperationError} INVALID for a URL, method, header or variable that cannot be used
 */
export function prepareRequest(request: HttpRequest, environment: Variables): OutgoingRequest {
  const url = parseUrl(request.url);
  checkMethod(request.method);
  const headers = request.headers
    .map((header) => headerLine(header, environment))
    .filter(({ name }) => !framing.has(name.toLowerCase()));
  const authorization = basicAuthorization(url);
  if (authorization !== undefined && !hasHeader(headers, "authorization")) {
    headers.push({ name: "authorization", value: authorization });
  }
  url.username = "";
  url.password = "";
  return { method: request.method, url, headers, body: request.body ?? new Uint8Array() };
}

/** Whether there is a line of that lower-case name. */
export function hasHeader(headers: readonly HeaderLine[], name: string): boolean {
  return headers.some((line) => line.name.toLowerCase() === name);
}

/** The value of `authorization` for a URL's user information, or undefined where it has none. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const credentials = `${decodeText(url.username)}:${decodeText(url.password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

function headerLine(header: RequestHeader, environment: Variables): HeaderLine {
  const { name, value, valueEnvVar } = header;
  checkHeaderName(name);
  const secret = typeof valueEnvVar === "string"
    ? environmentHeaderValue(name, valueEnvVar, environment)
    : undefined;
  const whole = value + (secret ?? "");
  checkHeaderValue(name, whole);
  return secret === undefined ? { name, value: whole } : { name, value: whole, secret: true };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw invalid(`http/request url is invalid: ${whyNoUrl(text)}`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(
      `http/request only supports http and https URLs, got ${url.protocol.slice(0, -1)}`,
    );
  }
  return url;
}

function whyNoUrl(text: string): string {
  if (!/^\s*[a-z][a-z0-9+.-]*:/i.test(text)) return "relative URL without a base";
  const afterScheme = text.trim().replace(/^[^:]*:[/\\]*/, "").replace(/^[^/\\?#]*@/, "");
  return /^([/\\?#]|$)/.test(afterScheme) ? "empty host" : "invalid host or port";
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
