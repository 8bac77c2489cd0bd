import { HTTP_BODY_DELTA_BYTES, HTTP_REQUESTS, TIMER_MS } from "../limits.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { invalidParams, invalidRequest } from "../protocol/errors.ts";
import type { HttpBodyDelta, HttpRequestParams, HttpRequestResult } from "../protocol/schemas/http.ts";
import { bodyFailure, BufferedBodies } from "./buffered_body.ts";
import type { Environment } from "./environment_header.ts";
import type { IncomingAnswer } from "./exchange.ts";
import { prepareRequest } from "./outgoing_request.ts";
import { performRequest } from "./perform.ts";

/** What a connection's HTTP requests need from it. */
export interface HttpStreamsOptions {
  /** The server's own variables: values for headers, proxies, certificate authorities. */
  readonly environment: Environment;
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
export class HttpStreams {
  readonly #options: HttpStreamsOptions;
  readonly #active = new Set<AbortController>();
  readonly #streaming = new Set<string>();
  readonly #bodies = new BufferedBodies();
  #disposed = false;

  constructor(options: HttpStreamsOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and answers with its result; a streamed body follows.
   *
   * @throws {RpcError} -32602 for arguments that cannot be used or a streamed `requestId` that is active, -32600 for
   * one request too many, -32603 when the exchange fails
   */
  async request(params: HttpRequestParams): Promise<HttpAnswer> {
    const { requestId, streamResponse } = params;
    if (this.#disposed) throw invalidRequest("The connection has gone");
    if (streamResponse && this.#streaming.has(requestId)) {
      throw invalidParams(`http/request streamResponse requestId \`${requestId}\` is already active`);
    }
    if (this.#active.size >= HTTP_REQUESTS) {
      throw invalidRequest(`at most ${HTTP_REQUESTS} http requests may be active per connection`);
    }
    const request = prepareRequest(params, this.#options.environment);
    const { signal, end } = this.#begin(params);
    try {
      const { environment } = this.#options;
      const answer = await performRequest(request, {
        environment,
        signal,
        redirectPolicy: params.redirectPolicy,
      });
      const result = {
        status: answer.status,
        headers: answer.headers.map(({ name, value }) => ({ name, value })),
      };
      if (!streamResponse) {
        const body = await this.#bodies.read(answer);
        end();
        return { result: { ...result, bodyBase64: encodeBase64(body) } };
      }
      return {
        result: { ...result, bodyBase64: "" },
        streamBody: () => this.#stream(requestId, answer, end),
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends every request of the connection; none begins any more. */
  dispose(): void {
    this.#disposed = true;
    for (const controller of this.#active) controller.abort(new Error("the connection has gone"));
  }

  /** Counts a request in and starts its clock, until `end` is called. */
  #begin(
    { requestId, streamResponse, timeoutMs }: HttpRequestParams,
  ): { signal: AbortSignal; end: () => void } {
    const controller = new AbortController();
    this.#active.add(controller);
    if (streamResponse) this.#streaming.add(requestId);
    const expire = () => controller.abort(new Error(`timed out after ${timeoutMs} ms`));
    const timer = typeof timeoutMs === "number"
      ? setTimeout(expire, Math.min(timeoutMs, TIMER_MS))
      : undefined;
    // A body that nobody streams any more must not keep its clock.
    controller.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    const end = () => {
      clearTimeout(timer);
      this.#active.delete(controller);
      if (streamResponse) this.#streaming.delete(requestId);
    };
    return { signal: controller.signal, end };
  }

  async #stream(requestId: string, answer: IncomingAnswer, end: () => void): Promise<void> {
    let seq = 0;
    let error: string | null = null;
    try {
      for await (const chunk of answer.body) {
        for (let offset = 0; offset < chunk.length; offset += HTTP_BODY_DELTA_BYTES) {
          const piece = chunk.subarray(offset, offset + HTTP_BODY_DELTA_BYTES);
          const deltaBase64 = encodeBase64(piece);
          await this.#options.onDelta({ requestId, seq: ++seq, deltaBase64, done: false, error: null });
        }
      }
    } catch (failure) {
      error = bodyFailure(failure);
    }
    answer.discard();
    // Before the final piece is sent: whoever has it may use the id again.
    end();
    if (this.#disposed) return;
    try {
      await this.#options.onDelta({ requestId, seq: ++seq, deltaBase64: "", done: true, error });
    } catch {
      // The connection has gone, and with it whoever waited for this.
    }
  }
}
