import type { HttpHeader, HttpResponseHead, RequestHeader } from "../http_request/http_request.ts";

export type { HttpHeader, HttpResponseHead, RequestHeader };

/** HTTP requests that a machine makes: whatever that machine reaches can be reached through it. */
export interface HttpClient {
  /**
   * Sends a request and waits for the whole answer, whose body has at most 47 MiB.
   *
   * @throws {ServerError} EINVAL for what cannot be sent, EFAILED when the exchange fails; a status is never an error
   */
  request(request: HttpRequest): Promise<HttpResponse>;

  /**
   * Sends a request and waits for the answer's head. The body is read as it is asked for, at any size; it fails with an
   * `ServerError` where it breaks off. Read it to the end or cancel it: a body that waits for its reader may keep
   * everything else waiting.
   *
   * @throws {ServerError} as `request` does
   */
  stream(request: HttpRequest): Promise<StreamedHttpResponse>;
}

/** A request. */
export interface HttpRequest {
  /** Absolute, http or https. User information in it becomes an Authorization header. */
  readonly url: string;
  /** `GET` by default. */
  readonly method?: string | undefined;
  /** Sent in this order, repeats included. */
  readonly headers?: readonly RequestHeader[] | Readonly<Record<string, string>> | undefined;
  /** Bytes, text as UTF-8, or parts, which are gathered before anything is sent: at most 47 MiB. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array> | undefined;
  /** Milliseconds for the whole exchange, the body included; no limit by default. */
  readonly timeoutMs?: number | undefined;
  /** `stop` answers a redirect as it is; `follow` by default. */
  readonly redirect?: "follow" | "stop" | undefined;
  /** Ends the exchange. What was asked may happen all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer. */
export interface HttpResponse extends HttpResponseHead {
  readonly body: Uint8Array;
}

/** An answer whose body is still coming. */
export interface StreamedHttpResponse extends HttpResponseHead {
  readonly body: ReadableStream<Uint8Array>;
}
