import { formatFrameHead, type Frame, frameKinds, parseFrame } from "./binary_frame.ts";
import { encodeBase64 } from "./base64.ts";
import { isDescriptorNumber } from "./descriptor_streams.ts";
import type { Message } from "./envelope.ts";
import { findMethod } from "./methods.ts";

/** Requests that hold bytes, as binary frames and as JSON. */

/** A message in two parts: what stands before its bytes, and these. */
export interface BinaryMessage {
  readonly head: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
}

type Params = Readonly<Record<string, unknown>>;

/** The flag of `writeFile`: a path with a link in it is refused. */
const REFUSE_LINKS = 1;
/** The greatest id that an answer in JSON can have. */
const LARGEST_ID = 2n ** 63n - 1n;

/**
 * A request as a frame.
 *
 * @returns undefined where it has no such form, and goes as JSON
 * @throws {TypeError} for text that is none
 */
export function formatBinaryRequest(id: number, method: string, params: unknown): BinaryMessage | undefined {
  const member = findMethod(method)?.bytes;
  if (member === undefined || typeof params !== "object" || params === null) return undefined;
  const bytes = (params as Params)[member];
  if (!isBytes(bytes)) return undefined;
  const head = headOf(id, method, params as Params);
  return head && { head, bytes };
}

/** Params that JSON can hold: bytes become base64. */
export function paramsInText(method: string, params: unknown): unknown {
  const member = findMethod(method)?.bytes;
  if (member === undefined || typeof params !== "object" || params === null) return params;
  const bytes = (params as Params)[member];
  return isBytes(bytes) ? { ...params, [member]: encodeBase64(bytes) } : params;
}

/** Takes a client's frame apart. Never throws: whatever is wrong comes back as a malformed message. */
export function parseBinaryRequest(message: Uint8Array): Message {
  const frame = parseFrame(message);
  if (typeof frame === "string") return { kind: "malformed", reason: frame };
  const request = requestOf(frame);
  if (!request) return { kind: "malformed", reason: `a frame of the kind ${frame.kind} is not known here` };
  if (!isDetailKnown(frame)) {
    return { kind: "malformed", reason: `a frame of the kind ${frame.kind} has no flags ${frame.detail}` };
  }
  if (frame.number > LARGEST_ID) {
    return { kind: "malformed", reason: "the id of a frame must not exceed 63 bits" };
  }
  return { kind: "request", id: String(frame.number), ...request };
}

function headOf(number: number, method: string, params: Params): Uint8Array<ArrayBuffer> | undefined {
  switch (method) {
    case "process/write": {
      const { processId, writeId, fd, ...rest } = params;
      if (!isName(processId) || !isName(writeId) || hasMore(rest, "chunk")) return undefined;
      if (fd !== undefined && !isDescriptorNumber(fd)) return undefined;
      const detail = fd ?? 0;
      return formatFrameHead({ kind: frameKinds.write, number, first: processId, second: writeId, detail });
    }
    case "fs/writeBlock": {
      const { handleId, offset, ...rest } = params;
      if (!isName(handleId) || !isOffset(offset) || hasMore(rest, "chunk")) return undefined;
      return formatFrameHead({ kind: frameKinds.writeBlock, number, first: handleId, offset });
    }
    case "fs/writeFile": {
      const { path, followSymlinks, ...rest } = params;
      if (!isName(path) || hasMore(rest, "dataBase64")) return undefined;
      const detail = followSymlinks === false ? REFUSE_LINKS : 0;
      return formatFrameHead({ kind: frameKinds.writeFile, number, first: path, detail });
    }
  }
}

function requestOf({ kind, detail, first, second, offset, bytes }: Frame) {
  switch (kind) {
    case frameKinds.write:
      return { method: "process/write", params: writeParams(first, second, detail, bytes) };
    case frameKinds.writeBlock:
      return { method: "fs/writeBlock", params: { handleId: first, offset, chunk: bytes } };
    case frameKinds.writeFile:
      return {
        method: "fs/writeFile",
        params: { path: first, dataBase64: bytes, followSymlinks: detail !== REFUSE_LINKS },
      };
  }
}

/** A descriptor stands in the detail, which is 0 for stdin. */
function writeParams(processId: string, writeId: string, fd: number, chunk: Uint8Array): Params {
  return { processId, writeId, chunk, ...fd !== 0 && { fd } };
}

function isDetailKnown({ kind, detail }: Frame): boolean {
  if (detail === 0) return true;
  return kind === frameKinds.write
    ? isDescriptorNumber(detail)
    : kind === frameKinds.writeFile && detail === REFUSE_LINKS;
}

/** Whether it is text that a frame can hold; what else there is JSON holds, or refuses. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

/** Whether anything is said that the frame has no place for. */
function hasMore(rest: Params, bytes: string): boolean {
  return Object.entries(rest).some(([name, value]) => name !== bytes && value !== undefined);
}

/** Also those of another realm, such as a frame of a page, whose classes are others. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value);
}
