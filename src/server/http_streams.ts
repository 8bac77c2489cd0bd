import { HTTP_BODY_DELTA_BYTES } from "../limits.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { invalidParams } from "../protocol/errors.ts";
import type { HttpBodyDelta, HttpRequestParams, HttpRequestResult } from "../protocol/schemas/http.ts";
import { bodyFailure } from "../http_request/buffered_body.ts";
import type { Variables } from "../http_request/environment_header.ts";
import type { HttpRequest } from "../http_request/http_request.ts";
import { HttpExchanges, type OpenAnswer } from "../http_request/http_exchanges.ts";

/** What a connection's HTTP requests need from it. */
export interface HttpStreamsOptions {
  /** The server's own variables: values for headers, proxies, certificate authorities. */
  readonly environment: Variables;
  /**
   * Sends one piece of a streamed body. No more of that body is read until it has resolved, so a slow client holds
   * the peer up instead of making the server hold a body.
   */
  readonly onDelta: (delta: HttpBodyDelta) => Promise<void> | void;
}

/** What `http/request` answers. */
export interface HttpAnswer {
  readonly result: HttpRequestResult;
  /**
   * Set for a streamed body: sends it, from the first piece to the final one, and resolves after that. To be called
   * once the result is on its way, which has to arrive first. Never rejects.
   */
  readonly streamBody?: () => Promise<void>;
}

/** The HTTP requests of one connection. */
export class HttpStreams implements Disposable {
  readonly #onDelta: HttpStreamsOptions["onDelta"];
  readonly #exchanges: HttpExchanges;
  readonly #streaming = new Set<string>();
  #disposed = false;

  constructor(options: HttpStreamsOptions) {
    this.#onDelta = options.onDelta;
    this.#exchanges = new HttpExchanges(options.environment);
  }

  /**
   * Sends a request and answers with its result; a streamed body follows.
   *
   * @throws {RpcError} -32602 for a streamed `requestId` that is active
   * @throws {OperationError} INVALID for what cannot be sent, REFUSED for one request too many, FAILED when the exchange
   *   fails
   */
  async request(params: HttpRequestParams): Promise<HttpAnswer> {
    const { requestId, streamResponse } = params;
    if (!streamResponse) {
      const { status, headers, readAll } = await this.#exchanges.open(requestOf(params));
      return { result: { status, headers: [...headers], bodyBase64: encodeBase64(await readAll()) } };
    }
    if (this.#streaming.has(requestId)) {
      throw invalidParams(`http/request streamResponse requestId \`${requestId}\` is already active`);
    }
    this.#streaming.add(requestId);
    try {
      const answer = await this.#exchanges.open(requestOf(params));
      const { status, headers } = answer;
      return {
        result: { status, headers: [...headers], bodyBase64: "" },
        streamBody: () => this.#stream(requestId, answer),
      };
    } catch (error) {
      this.#streaming.delete(requestId);
      throw error;
    }
  }

  /** Ends every request of the connection; none begins any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#exchanges.dispose();
  }

  async #stream(requestId: string, answer: OpenAnswer): Promise<void> {
    let seq = 0;
    let error: string | null = null;
    try {
      for await (const chunk of answer.body) {
        for (let offset = 0; offset < chunk.length; offset += HTTP_BODY_DELTA_BYTES) {
          const piece = chunk.subarray(offset, offset + HTTP_BODY_DELTA_BYTES);
          const deltaBase64 = encodeBase64(piece);
          await this.#onDelta({ requestId, seq: ++seq, deltaBase64, done: false, error: null });
        }
      }
    } catch (failure) {
      error = bodyFailure(failure);
    }
    // Before the final piece is sent: whoever has it may use the id again.
    answer.end();
    this.#streaming.delete(requestId);
    if (this.#disposed) return;
    try {
      await this.#onDelta({ requestId, seq: ++seq, deltaBase64: "", done: true, error });
    } catch {
      // The connection has gone, and with it whoever waited for this.
    }
  }
}

function requestOf(
  { method, url, headers, bodyBase64, timeoutMs, redirectPolicy }: HttpRequestParams,
): HttpRequest {
  return {
    method,
    url,
    headers,
    body: bodyBase64, // Decoded, whatever its name.
    // More milliseconds than a number can hold are no limit.
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : undefined,
    redirect: redirectPolicy,
  };
}
