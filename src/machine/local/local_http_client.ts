import { bodyError } from "../../http_request/body_error.ts";
import { bodyFailure } from "../../http_request/buffered_body.ts";
import type { Environment } from "../../http_request/environment_header.ts";
import { HttpExchanges, type OpenAnswer } from "../../http_request/http_exchanges.ts";
import { decodeParams } from "../../protocol/decode.ts";
import { httpRequestParams } from "../../protocol/schemas/http.ts";
import type {
  HttpClient,
  HttpRequest,
  HttpResponse,
  HttpResponseHead,
  StreamedHttpResponse,
} from "../http_client.ts";
import { gatherBody, httpParams } from "../http_params.ts";

/** Requests of this machine, with nothing in between. Disposing of it ends them all. */
export class LocalHttpClient implements HttpClient, Disposable {
  readonly #exchanges: HttpExchanges;
  #ids = 0;

  /** @param environment variables for headers, proxies and certificate authorities */
  constructor(environment: Environment) {
    this.#exchanges = new HttpExchanges(environment);
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const answer = await this.#open(request);
    const whole = answer.readAll();
    const body = await whole.catch((error) => {
      throw request.signal?.aborted ? request.signal.reason : error;
    });
    return { ...headOf(answer), body };
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
          throw request.signal?.aborted
            ? request.signal.reason
            : bodyError(bodyFailure(error), { cause: error });
        }
      },
      cancel: () => answer.end(),
    }, { highWaterMark: 0 });
    return { ...headOf(answer), body };
  }

  [Symbol.dispose](): void {
    this.#exchanges.dispose();
  }

  async #open(request: HttpRequest): Promise<OpenAnswer> {
    const { signal } = request;
    const body = await gatherBody(request.body);
    signal?.throwIfAborted();
    const params = decodeParams(httpRequestParams, httpParams(request, String(++this.#ids)));
    try {
      return await this.#exchanges.open({ ...params, bodyBase64: body as Uint8Array<ArrayBuffer> }, signal);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  }
}

function headOf({ status, headers }: OpenAnswer): HttpResponseHead {
  return { status, headers: headers.map(({ name, value }) => ({ name, value })) };
}
