import { HTTP_BUFFERED_BODY_BYTES, HTTP_BUFFERED_TOTAL_BYTES } from "../limits.ts";
import { bodyError } from "./body_error.ts";
import type { IncomingAnswer } from "./exchange.ts";
import { GatheredBytes } from "./gathered_bytes.ts";
import { explain } from "./perform.ts";

/** Reads bodies that are answered in one piece, and bounds what they hold, alone and together. */
export class BufferedBodies {
  #held = 0;

  /**
   * A body as a whole.
   *
   * @throws {OperationError} FAILED when it breaks off, or is larger than can be held
   */
  async read(answer: IncomingAnswer): Promise<Uint8Array> {
    const announced = Number(answer.headers.find(({ name }) => name === "content-length")?.value);
    const gathered = new GatheredBytes();
    let length = 0;
    try {
      if (announced > HTTP_BUFFERED_BODY_BYTES) throw tooLarge();
      for await (const chunk of answer.body) {
        length += chunk.length;
        this.#held += chunk.length;
        if (length > HTTP_BUFFERED_BODY_BYTES || this.#held > HTTP_BUFFERED_TOTAL_BYTES) throw tooLarge();
        gathered.add(chunk);
      }
    } catch (error) {
      const text = error instanceof RangeError ? error.message : bodyFailure(error);
      throw bodyError(text, { cause: error });
    } finally {
      this.#held -= length;
      answer.discard();
    }
    return gathered.take();
  }
}

/** Why a body is incomplete, in the reference server's words and the reason. */
export function bodyFailure(error: unknown): string {
  return `error decoding response body: ${explain(error)}`;
}

function tooLarge(): RangeError {
  return new RangeError(
    `it is larger than can be answered in one piece (${HTTP_BUFFERED_BODY_BYTES} bytes, and ` +
      `${HTTP_BUFFERED_TOTAL_BYTES} for all requests of a connection): ask for it with streamResponse`,
  );
}
