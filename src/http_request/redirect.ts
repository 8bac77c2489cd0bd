import { failed } from "../native/operation_error.ts";
import type { HeaderLine } from "./headers.ts";
import type { OutgoingRequest } from "./outgoing_request.ts";

const redirecting = new Set([301, 302, 303, 307, 308]);
const describingTheBody = new Set(["content-type", "content-encoding"]);
const belongingToTheOrigin = new Set([
  "authorization",
  "cookie",
  "cookie2",
  "host",
  "proxy-authorization",
  "www-authenticate",
]);

/**
 * The request that follows an answer, or undefined where the answer is the last one.
 *
 * The reference server's rules: 301 and 302 turn POST into GET, 303 everything but HEAD; 307 and 308 repeat the
 * request with its body; a `Location` that is no URL ends the chain; `Referer` names where it came from. Another
 * origin gets no credentials, and, unlike with the reference server, neither the values of this machine's
 * environment variables nor a `Host` that was meant for the first one.
 *
 * @throws {OperationError} FAILED when it leads away from http and https
 */
export function followRedirect(
  request: OutgoingRequest,
  answer: { readonly status: number; readonly headers: readonly HeaderLine[] },
): OutgoingRequest | undefined {
  const location = answer.headers.find(({ name }) => name === "location")?.value;
  if (!redirecting.has(answer.status) || location === undefined) return undefined;
  if (!URL.canParse(location, request.url)) return undefined;
  const url = new URL(location, request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw failed(
      `http/request failed: redirect target uses unsupported URL scheme: ${url.protocol.slice(0, -1)}`,
    );
  }
  url.username = "";
  url.password = "";
  const toGet = answer.status === 303
    ? request.method !== "HEAD" && request.method !== "GET"
    : answer.status < 303 && request.method === "POST";
  const sameOrigin = url.origin === request.url.origin;
  const headers = request.headers.filter(({ name, secret }) => {
    const lower = name.toLowerCase();
    if (lower === "referer" || (toGet && describingTheBody.has(lower))) return false;
    return sameOrigin || !(secret || belongingToTheOrigin.has(lower));
  });
  const referer = refererOf(request.url, url);
  return {
    method: toGet ? "GET" : request.method,
    url,
    headers: referer === undefined ? headers : [...headers, { name: "referer", value: referer }],
    body: toGet ? new Uint8Array() : request.body,
  };
}

/** The whole address within an origin, the bare origin outside, nothing from https to http. */
function refererOf(from: URL, to: URL): string | undefined {
  if (from.protocol === "https:" && to.protocol === "http:") return undefined;
  return from.origin === to.origin ? from.href.replace(/#.*$/s, "") : `${from.origin}/`;
}
