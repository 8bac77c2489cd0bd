import { formatFrameHead, type Frame, frameKinds, parseFrame } from "./binary_frame.ts";
import type { BinaryMessage } from "./binary_requests.ts";
import type { IdText, Message } from "./envelope.ts";
import { descriptorOf, descriptorStream, isDescriptorNumber } from "./descriptor_streams.ts";
import type { OutputStream } from "./schemas/process.ts";

/** What a server sends as binary frames: output, and answers that hold bytes. */

/** A result that consists of bytes, and how it is told. */
export type BytesOf =
  | { readonly kind: "block"; readonly bytes: Uint8Array; readonly eof: boolean }
  | { readonly kind: "file"; readonly bytes: Uint8Array };

/** By their numbers in a frame; that of a descriptor is its own. */
const streams: readonly OutputStream[] = ["stdout", "stderr", "pty"];
/** The flag of `block`: nothing follows. */
const END_OF_FILE = 1;

/** What stands before an output event's bytes. @param processId in UTF-8, as short as a frame can hold */
export function formatOutputHead(
  processId: Uint8Array,
  seq: number,
  stream: OutputStream,
): Uint8Array<ArrayBuffer> {
  const detail = descriptorOf(stream) ?? streams.indexOf(stream);
  return formatFrameHead({ kind: frameKinds.output, detail, first: processId, number: seq })!;
}

/** An answer as a frame; undefined for an id that is no number a frame can hold: that answer is JSON. */
export function formatBinaryAnswer(id: IdText, result: BytesOf): BinaryMessage | undefined {
  if (!/^\d+$/.test(id)) return undefined;
  const kind = frameKinds[result.kind];
  const detail = result.kind === "block" && result.eof ? END_OF_FILE : 0;
  const head = formatFrameHead({ kind, detail, number: BigInt(id) });
  return head && { head, bytes: result.bytes };
}

/** Takes a server's frame apart. Never throws: whatever is wrong comes back as a malformed message. */
export function parseBinaryAnswer(message: Uint8Array): Message {
  const frame = parseFrame(message);
  if (typeof frame === "string") return { kind: "malformed", reason: frame };
  return messageOf(frame) ??
    { kind: "malformed", reason: `a frame of the kind ${frame.kind} with ${frame.detail} is not known here` };
}

function messageOf({ kind, detail, first, number, bytes }: Frame): Message | undefined {
  switch (kind) {
    case frameKinds.output: {
      const stream = isDescriptorNumber(detail) ? descriptorStream(detail) : streams[detail];
      if (stream === undefined || typeof number === "bigint") return undefined;
      const params = { processId: first, seq: number, stream, chunk: bytes };
      return { kind: "notification", method: "process/output", params };
    }
    case frameKinds.block: {
      if (detail > END_OF_FILE) return undefined;
      const result = { chunk: bytes, eof: detail === END_OF_FILE };
      return { kind: "response", id: String(number), outcome: { result } };
    }
    case frameKinds.file: {
      if (detail !== 0) return undefined;
      return { kind: "response", id: String(number), outcome: { result: { dataBase64: bytes } } };
    }
  }
}
