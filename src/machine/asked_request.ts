import { concat } from "../std/bytes/concat.ts";
import { HTTP_REQUEST_BODY_BYTES } from "../limits.ts";
import type { HttpRequest as AskedRequest, RequestHeader } from "../http_request/http_request.ts";
import type { HttpRequest } from "./http_client.ts";
import { invalidError } from "./machine_error.ts";
import { bytesOf } from "./start_request.ts";

/**
 * A request as both halves send it, with what is usual where nothing is said.
 *
 * @throws {ServerError} EINVAL for a body that is larger than can be sent
 */
export async function askedRequest(request: HttpRequest): Promise<AskedRequest> {
  const { url, method = "GET", headers = [], timeoutMs, redirect = "follow" } = request;
  const lines = isList(headers) ? headers : Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { method, url, headers: lines, body: await gatherBody(request.body), timeoutMs, redirect };
}

/** A request's body as a whole. */
async function gatherBody(body: HttpRequest["body"]): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined;
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    length += part.length;
    if (length > HTTP_REQUEST_BODY_BYTES) {
      throw invalidError(`The body of a request has at most ${HTTP_REQUEST_BODY_BYTES} bytes`);
    }
    parts.push(part);
  };
  if (typeof body === "string" || body instanceof Uint8Array) add(bytesOf(body));
  else for await (const part of body) add(part);
  return parts.length === 1 ? parts[0] : concat(parts);
}

function isList(headers: NonNullable<HttpRequest["headers"]>): headers is readonly RequestHeader[] {
  return Array.isArray(headers);
}
