/** What a request and its answer are made of. */

/** One header line. */
export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** One header line of a request. */
export interface RequestHeader extends HttpHeader {
  /** A variable of that machine's environment whose value is appended to the line's, such as a token kept there. */
  readonly valueEnvVar?: string | null | undefined;
}

/** A request as it is asked for. */
export interface HttpRequest {
  /** Absolute, http or https. User information in it becomes an Authorization header. */
  readonly url: string;
  readonly method: string;
  /** Sent in this order, repeats included. */
  readonly headers: readonly RequestHeader[];
  readonly body?: Uint8Array | null | undefined;
  /** Milliseconds for the whole exchange, the body included; no limit by default. */
  readonly timeoutMs?: number | undefined;
  /** `stop` answers a redirect as it is. */
  readonly redirect: "follow" | "stop";
}

/** The head of an answer. */
export interface HttpResponseHead {
  readonly status: number;
  /** Lower-case names in the order of arrival, repeats included. */
  readonly headers: readonly HttpHeader[];
}
