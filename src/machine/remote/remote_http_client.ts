import type { ExecServerClient } from "../../client/client.ts";
import { ConnectionError } from "../../transport/transport.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { HttpClient, HttpRequest, HttpResponse, StreamedHttpResponse } from "../http_client.ts";
import { askedRequest } from "../asked_request.ts";
import { failingAlike } from "../machine_error.ts";
import { StreamedBody } from "./streamed_body.ts";

/** Requests of a server's machine. The client is the caller's to close. */
export class RemoteHttpClient implements HttpClient, Disposable {
  readonly #client: ExecServerClient;
  readonly #bodies = new Map<string, StreamedBody>();
  readonly #stopListening: readonly (() => void)[];

  constructor(client: ExecServerClient) {
    this.#client = client;
    this.#stopListening = [
      client.listen("http/request/bodyDelta", (delta) => this.#bodies.get(delta.requestId)?.push(delta)),
      client.listenConnection((state) => {
        if (state.kind === "connected") return;
        const failure = new ConnectionError(
          `The connection was lost before the body was complete: ${state.reason}`,
        );
        for (const body of [...this.#bodies.values()]) body.fail(failure);
      }),
    ];
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { status, headers, bodyBase64 } = await this.#call(request, crypto.randomUUID(), false);
    return { status, headers, body: bodyBase64 };
  }

  async stream(request: HttpRequest): Promise<StreamedHttpResponse> {
    const requestId = crypto.randomUUID();
    const body = new StreamedBody(this.#client, request.signal, () => this.#bodies.delete(requestId));
    // Before the request: the first part may overtake the answer.
    this.#bodies.set(requestId, body);
    try {
      const { status, headers } = await this.#call(request, requestId, true);
      return { status, headers, body: body.stream };
    } catch (error) {
      body.fail(error);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stopListening) stop();
    for (const body of [...this.#bodies.values()]) body.fail(new ConnectionError("The client is closed"));
  }

  async #call(
    request: HttpRequest,
    requestId: string,
    streamResponse: boolean,
  ): Promise<ResultOf<"http/request">> {
    const { method, url, headers, body, timeoutMs, redirect } = await askedRequest(request);
    return await failingAlike(() =>
      this.#client.call("http/request", {
        method,
        url,
        requestId,
        headers: [...headers],
        ...(body ? { bodyBase64: encodeBase64(body) } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        redirectPolicy: redirect,
        streamResponse,
      }, { signal: request.signal })
    );
  }
}
