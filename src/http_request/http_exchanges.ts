import { HTTP_REQUESTS, TIMER_MS } from "../limits.ts";
import { requireCount } from "../native/count.ts";
import { refused } from "../native/operation_error.ts";
import { BufferedBodies } from "./buffered_body.ts";
import type { Variables } from "./environment_header.ts";
import type { IncomingAnswer } from "./exchange.ts";
import type { HttpRequest, HttpResponseHead } from "./http_request.ts";
import { prepareRequest } from "./outgoing_request.ts";
import { performRequest } from "./perform.ts";

/** An answer whose body has not been read. Either `readAll` is called, or the body is read and then `end`. */
export interface OpenAnswer extends HttpResponseHead {
  /** Throws where the body breaks off. A reader that waits holds the peer up. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The body as a whole.
   *
   * @throws {OperationError} FAILED when it breaks off, or is larger than can be held
   */
  readAll(): Promise<Uint8Array>;
  /** Gives up what is left of the body, and the connection. */
  end(): void;
}

/** The HTTP requests of one client, bounded in number and, each, in time. */
export class HttpExchanges {
  readonly #environment: Variables;
  readonly #active = new Set<AbortController>();
  readonly #bodies = new BufferedBodies();
  #disposed = false;

  /** @param environment this machine's variables: values for headers, proxies, certificate authorities */
  constructor(environment: Variables) {
    this.#environment = environment;
  }

  /**
   * Sends a request and waits for the answer's head.
   *
   * @throws {OperationError} INVALID for what cannot be sent, REFUSED for one request too many, FAILED when the exchange
   *   fails
   */
  async open(asked: HttpRequest, abandoned?: AbortSignal): Promise<OpenAnswer> {
    if (this.#disposed) throw refused("The connection has gone");
    if (this.#active.size >= HTTP_REQUESTS) {
      throw refused(`at most ${HTTP_REQUESTS} http requests may be active per connection`);
    }
    const environment = this.#environment;
    const { timeoutMs, redirect } = asked;
    if (timeoutMs !== undefined) requireCount("timeoutMs", timeoutMs);
    const request = prepareRequest(asked, environment);
    const { signal, end } = this.#begin(timeoutMs, abandoned);
    try {
      const answer = await performRequest(request, { environment, signal, redirect });
      return {
        status: answer.status,
        headers: answer.headers.map(({ name, value }) => ({ name, value })),
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
    timeoutMs: number | undefined,
    abandoned: AbortSignal | undefined,
  ): { signal: AbortSignal; end: () => void } {
    const controller = new AbortController();
    this.#active.add(controller);
    const expire = () => controller.abort(new Error(`timed out after ${timeoutMs} ms`));
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, Math.min(timeoutMs, TIMER_MS));
    if (timeoutMs === 0) expire(); // An answer from nearby may come before the timer.
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
