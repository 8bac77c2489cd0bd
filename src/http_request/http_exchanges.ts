import { HTTP_REQUESTS, TIMER_MS } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { HttpRequestParams } from "../protocol/schemas/http.ts";
import { BufferedBodies } from "./buffered_body.ts";
import type { Environment } from "./environment_header.ts";
import type { IncomingAnswer } from "./exchange.ts";
import type { HeaderLine } from "./headers.ts";
import { prepareRequest } from "./outgoing_request.ts";
import { performRequest } from "./perform.ts";

/** An answer whose body has not been read. Either `readAll` is called, or the body is read and then `end`. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  /** Throws where the body breaks off. A reader that waits holds the peer up. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The body as a whole.
   *
   * @throws {RpcError} -32603 when it breaks off, or is larger than can be held
   */
  readAll(): Promise<Uint8Array>;
  /** Gives up what is left of the body, and the connection. */
  end(): void;
}

/** The HTTP requests of one client, bounded in number and, each, in time. */
export class HttpExchanges {
  readonly #environment: Environment;
  readonly #active = new Set<AbortController>();
  readonly #bodies = new BufferedBodies();
  #disposed = false;

  /** @param environment this machine's variables: values for headers, proxies, certificate authorities */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Sends a request and waits for the answer's head.
   *
   * @throws {RpcError} -32602 for arguments that cannot be used, -32600 for one request too many, -32603 when the
   * exchange fails
   */
  async open(params: HttpRequestParams, abandoned?: AbortSignal): Promise<OpenAnswer> {
    if (this.#disposed) throw invalidRequest("The connection has gone");
    if (this.#active.size >= HTTP_REQUESTS) {
      throw invalidRequest(`at most ${HTTP_REQUESTS} http requests may be active per connection`);
    }
    const environment = this.#environment;
    const request = prepareRequest(params, environment);
    const { signal, end } = this.#begin(params, abandoned);
    try {
      const { redirectPolicy } = params;
      const answer = await performRequest(request, { environment, signal, redirectPolicy });
      return {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        readAll: () => this.#readAll(answer, end),
        end: () => {
          answer.discard();
          end();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends every request; none begins any more. */
  dispose(): void {
    this.#disposed = true;
    for (const controller of this.#active) controller.abort(new Error("the connection has gone"));
  }

  async #readAll(answer: IncomingAnswer, end: () => void): Promise<Uint8Array> {
    try {
      return await this.#bodies.read(answer);
    } finally {
      end();
    }
  }

  /** Counts a request in and starts its clock, until `end` is called. */
  #begin(
    { timeoutMs }: HttpRequestParams,
    abandoned: AbortSignal | undefined,
  ): { signal: AbortSignal; end: () => void } {
    const controller = new AbortController();
    this.#active.add(controller);
    const expire = () => controller.abort(new Error(`timed out after ${timeoutMs} ms`));
    const timer = typeof timeoutMs === "number"
      ? setTimeout(expire, Math.min(timeoutMs, TIMER_MS))
      : undefined;
    const abandon = () => controller.abort(abandoned!.reason);
    if (abandoned?.aborted) abandon();
    abandoned?.addEventListener("abort", abandon);
    // A body that nobody reads any more must not keep its clock.
    controller.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    const end = () => {
      clearTimeout(timer);
      abandoned?.removeEventListener("abort", abandon);
      this.#active.delete(controller);
    };
    return { signal: controller.signal, end };
  }
}
