import { Buffer } from "node:buffer";
import { OUTGOING_MESSAGE_BYTES } from "../limits.ts";
import { type BytesOf, formatBinaryAnswer } from "../protocol/binary_answers.ts";
import { formatError, formatResult, type IdText } from "../protocol/envelope.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { rpcFailure } from "../protocol/rpc_failure.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import { EncodedResult } from "./handlers/handler.ts";

/** What answers depend on, and whom they tell. */
export interface AnswersOptions {
  /** Aborted when nobody is there to be answered. */
  readonly gone: AbortSignal;
  /** A result could not be put into words. */
  readonly onFailure: (error: unknown) => void;
  /** Nothing at all can be said about a request. */
  readonly onUnanswerable: (reason: string) => void;
}

/** Sends the answers of one connection's requests, as far as a message may be so large. */
export class Answers {
  readonly #socket: MessageSocket;
  readonly #options: AnswersOptions;
  /** Whether bytes go as binary frames. */
  usesFrames = false;

  constructor(socket: MessageSocket, options: AnswersOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Bytes of the largest message that can be made and sent. */
  get largestBytes(): number {
    return Math.min(this.#socket.largestMessageBytes, OUTGOING_MESSAGE_BYTES);
  }

  /** Sends a result; one that is too large is told as a failure. */
  send(id: IdText, result: unknown): undefined {
    try {
      this.#send(id, result);
    } finally {
      if (result instanceof EncodedResult) result.onOver?.();
    }
  }

  /** Sends why a request came to nothing. */
  fail(id: IdText, error: unknown): undefined {
    const text = formatError(id, rpcFailure(error));
    if (!fits(text, this.largestBytes)) {
      return void this.#options.onUnanswerable("the id is too long to be answered");
    }
    this.#socket.send(text);
  }

  /** @returns whether it goes as a frame, so far as it may be so large */
  #sendBytes(id: IdText, result: BytesOf): boolean {
    const frame = formatBinaryAnswer(id, result);
    if (!frame || frame.head.length + frame.bytes.length > this.largestBytes) return false;
    this.#socket.sendBinary!(frame.head, frame.bytes);
    return true;
  }

  #send(id: IdText, result: unknown): undefined {
    if (this.#options.gone.aborted) return;
    const encoded = result instanceof EncodedResult ? result : undefined;
    if (this.usesFrames && encoded?.inBytes && this.#sendBytes(id, encoded.inBytes)) {
      return void encoded.onSent?.();
    }
    let text: string;
    try {
      text = encoded ? `{"id":${id},"result":${encoded.encode()}}` : formatResult(id, result);
    } catch (error) {
      this.#options.onFailure(error); // Such as a text that is longer than the engine can hold.
      return this.fail(id, error);
    }
    const limit = this.largestBytes;
    if (!fits(text, limit)) return this.fail(id, invalidRequest(tooLarge(Buffer.byteLength(text), limit)));
    this.#socket.send(text);
    encoded?.onSent?.();
  }
}

/** Whether a text has so many bytes at the most. Only one that may have more is measured. */
function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes;
}

function tooLarge(bytes: number, limit: number): string {
  return `the answer has ${bytes} bytes, above the limit of ${limit} for one message; ` +
    `a file can be read in parts with fs/open and fs/readBlock`;
}
