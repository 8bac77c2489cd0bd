import { setTimeout } from "node:timers";
import { TIMER_MS } from "../limits.ts";
import { formatRequest, type IdText, type ResponseMessage } from "../protocol/envelope.ts";
import type { Ask } from "../process/process_owner.ts";

/** What one client is asked, and what it answers. */
export class ClientRequests {
  readonly #send: (text: string) => void;
  readonly #waiting = new Map<IdText, (result: unknown) => void>();
  #lastId = 0;
  #isEnded = false;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  readonly ask: Ask = (method, params, timeoutMs) => {
    if (this.#isEnded) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    const answered = new Promise<unknown>((resolve) => {
      const timer = setTimeout(() => this.#settle(String(id), undefined), Math.min(timeoutMs, TIMER_MS));
      timer.unref();
      this.#waiting.set(String(id), (result) => {
        clearTimeout(timer);
        resolve(result);
      });
    });
    this.#send(formatRequest(id, method, params));
    return answered;
  };

  /** Takes an answer, which may come too late; false for one to what was never asked. */
  accept({ id, outcome }: ResponseMessage): boolean {
    if (this.#settle(id, "result" in outcome ? outcome.result : undefined)) return true;
    return /^[1-9]\d*$/.test(id) && Number(id) <= this.#lastId;
  }

  /** The client is gone: nothing is answered any more. */
  end(): void {
    this.#isEnded = true;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined);
  }

  #settle(id: IdText, result: unknown): boolean {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(result);
    return resolve !== undefined;
  }
}
