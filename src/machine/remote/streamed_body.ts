import type { ExecServerClient } from "../../client/client.ts";
import type { Backlog } from "../../client/inbound_flow.ts";
import { bodyError } from "../../http_request/body_error.ts";
import { CLIENT_QUEUE_LIMIT_BYTES } from "../../limits.ts";
import { rpcFailure } from "../../protocol/rpc_failure.ts";
import { machineError } from "../machine_error.ts";
import type { NotificationOf } from "../../protocol/methods.ts";

/**
 * The body of an answer as a server sends it, part by part, to a reader who takes his time. The server is told nothing of
 * that: once too much waits, the connection is not read.
 */
export class StreamedBody implements Backlog {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #hold: { readonly changed: () => void; readonly end: () => void };
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.fail(this.#signal!.reason);
  readonly #onEnd: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #seq = 0;
  #ended = false;

  /** @param onEnd called once, when no part is awaited any more */
  constructor(client: ExecServerClient, signal: AbortSignal | undefined, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    this.#hold = client.addBacklog(this);
    const strategy = { highWaterMark: CLIENT_QUEUE_LIMIT_BYTES, size: (part: Uint8Array) => part.length };
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#hold.changed(),
      cancel: () => this.#end(),
    }, strategy);
    signal?.addEventListener("abort", this.#abort);
  }

  get backlogBytes(): number {
    // What is complete holds nobody up.
    return this.#ended
      ? 0
      : CLIENT_QUEUE_LIMIT_BYTES - (this.#controller.desiredSize ?? CLIENT_QUEUE_LIMIT_BYTES);
  }

  push({ seq, deltaBase64, done, error }: NotificationOf<"http/request/bodyDelta">): void {
    if (this.#ended) return;
    if (seq !== ++this.#seq) return this.#breakOff(`part ${this.#seq} of the body did not arrive`);
    if (error !== null) return this.#breakOff(error);
    if (deltaBase64.length > 0) this.#controller.enqueue(deltaBase64);
    if (!done) return this.#hold.changed();
    this.#end();
    this.#controller.close();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#controller.error(error);
  }

  #breakOff(reason: string): void {
    this.fail(machineError(rpcFailure(bodyError(reason))));
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#onEnd();
    this.#hold.end();
  }
}
