import { HTTP_REDIRECTS } from "../limits.ts";
import { failed, OperationError } from "../native/operation_error.ts";
import type { Variables } from "./environment_header.ts";
import { exchange, type IncomingAnswer } from "./exchange.ts";
import type { OutgoingRequest } from "./outgoing_request.ts";
import { followRedirect } from "./redirect.ts";

/** How {@linkcode performRequest} goes about it. */
export interface PerformOptions {
  /** Where proxies and certificate authorities are named. */
  readonly environment: Variables;
  /** Ends the exchange, the body included; its reason is told. */
  readonly signal: AbortSignal;
  /** `stop` answers a redirect as it is. */
  readonly redirect: "follow" | "stop";
}

/**
 * Sends a request, goes where it is redirected, and answers when the last answer's head is there.
 *
 * @throws {OperationError} FAILED when a peer cannot be reached, answers no HTTP, or redirects without end
 */
export async function performRequest(
  first: OutgoingRequest,
  options: PerformOptions,
): Promise<IncomingAnswer> {
  let request = first;
  for (let redirects = 0;; redirects++) {
    const answer = await exchange(request, options.environment, options.signal).catch((error) => {
      throw error instanceof OperationError ? error : failed(
        `http/request failed: error sending request for url (${request.url.href}): ${explain(error)}`,
        { cause: error },
      );
    });
    try {
      const next = options.redirect === "follow" ? followRedirect(request, answer) : undefined;
      if (!next) return answer;
      if (redirects === HTTP_REDIRECTS) throw failed("http/request failed: too many redirects");
      request = next;
    } catch (error) {
      answer.discard();
      throw error;
    }
    answer.discard();
  }
}

/** The first useful words in an error; where several addresses were tried, the outer one has none. */
export function explain(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
