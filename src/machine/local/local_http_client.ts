import { bodyError } from "../../http_request/body_error.ts";
import { bodyFailure } from "../../http_request/buffered_body.ts";
import type { Variables } from "../../http_request/environment_header.ts";
import { HttpExchanges, type OpenAnswer } from "../../http_request/http_exchanges.ts";
import { rpcFailure } from "../../protocol/rpc_failure.ts";
import { machineError } from "../machine_error.ts";
import { askedRequest } from "../asked_request.ts";
import type { HttpClient, HttpRequest, HttpResponse, StreamedHttpResponse } from "../http_client.ts";

/** Requests of this machine, with nothing in between. Disposing of it ends them all. */
export class LocalHttpClient implements HttpClient, Disposable {
  readonly #exchanges: HttpExchanges;

  /** @param environment variables for headers, proxies and certificate authorities */
  constructor(environment: Variables) {
    this.#exchanges = new HttpExchanges(environment);
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { status, headers, readAll } = await this.#open(request);
    const body = await readAll().catch((error) => {
      throw failureOf(error, request.signal);
    });
    return { status, headers, body };
  }

  async stream(request: HttpRequest): Promise<StreamedHttpResponse> {
    const answer = await this.#open(request);
    const parts = answer.body[Symbol.asyncIterator]();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { value, done } = await parts.next();
          if (!done) return controller.enqueue(value);
          answer.end();
          controller.close();
        } catch (error) {
          answer.end();
          throw failureOf(bodyError(bodyFailure(error), { cause: error }), request.signal);
        }
      },
      cancel: () => answer.end(),
    }, { highWaterMark: 0 });
    const { status, headers } = answer;
    return { status, headers, body };
  }

  [Symbol.dispose](): void {
    this.#exchanges.dispose();
  }

  async #open(request: HttpRequest): Promise<OpenAnswer> {
    const { signal } = request;
    const asked = await askedRequest(request);
    signal?.throwIfAborted();
    try {
      return await this.#exchanges.open(asked, signal);
    } catch (error) {
      throw failureOf(error, signal);
    }
  }
}

/** What a caller is told: why it gave up itself, or else what a client of a server would be told. */
function failureOf(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : machineError(rpcFailure(error));
}
