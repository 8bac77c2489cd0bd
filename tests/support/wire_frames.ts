/** Binary frames as the protocol reference has them, written down once more: tests do not take the program's word for it. */
import { Buffer } from "node:buffer";
import process from "node:process";

/** Who speaks binary frames in the tests of this run: the library, or clients made by hand. */
export const framesOf: "library" | "wire" = process.env.EXEC_SERVER_FRAMES === "wire" ? "wire" : "library";

/** A message of JSON, sent or received. */
interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
}

const streams = ["stdout", "stderr", "pty"];

/** What a frame is made of. */
export interface FrameParts {
  readonly kind: number;
  readonly detail?: number;
  readonly first?: string | Uint8Array;
  readonly second?: string;
  readonly number?: number | bigint;
  readonly offset?: number | bigint;
  readonly bytes?: Uint8Array;
}

/** A frame, right or wrong. */
export function frame(
  { kind, detail = 0, first = "", second = "", number = 0, offset = 0, bytes = Buffer.alloc(0) }: FrameParts,
): Buffer {
  const texts = [Buffer.from(first as Uint8Array), Buffer.from(second)];
  const head = Buffer.alloc(24);
  head[0] = kind;
  head[1] = detail;
  head.writeUInt16BE(texts[0]!.length, 2);
  head.writeUInt16BE(texts[1]!.length, 4);
  head.writeBigUInt64BE(BigInt(number), 8);
  head.writeBigUInt64BE(BigInt(offset), 16);
  return Buffer.concat([head, ...texts, bytes]);
}

/** A request as a frame; undefined for one that goes as JSON. */
export function toFrame({ id, method, params }: Message): Buffer | undefined {
  if (!Number.isSafeInteger(id) || (id as number) < 0 || !isObject(params)) return undefined;
  const number = id as number;
  const { processId, writeId, fd, handleId, offset, path, chunk, dataBase64, followSymlinks, ...rest } =
    params;
  const bytes = bytesOf(chunk ?? dataBase64);
  if (!bytes || Object.keys(rest).length > 0) return undefined;
  if (method === "process/write" && isText(processId) && isText(writeId)) {
    const detail = typeof fd === "number" ? fd : 0;
    return frame({ kind: 0x91, detail, first: processId, second: writeId, number, bytes });
  }
  if (
    method === "fs/writeBlock" && isText(handleId) && Number.isSafeInteger(offset) && (offset as number) >= 0
  ) {
    return frame({ kind: 0x92, first: handleId, number, offset: offset as number, bytes });
  }
  if (method === "fs/writeFile" && isText(path) && typeof (followSymlinks ?? true) === "boolean") {
    return frame({ kind: 0x93, detail: followSymlinks === false ? 1 : 0, first: path, number, bytes });
  }
}

/** A server's frame as the message that it is in JSON. @throws {Error} for what is none */
export function fromFrame(payload: Uint8Array) {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const [kind, detail] = bytes;
  const texts = [bytes.readUInt16BE(2), bytes.readUInt16BE(4)];
  const number = Number(bytes.readBigUInt64BE(8));
  const first = bytes.subarray(24, 24 + texts[0]!).toString();
  const chunk = bytes.subarray(24 + texts[0]! + texts[1]!).toString("base64");
  if (kind === 0x81) {
    const params = { processId: first, seq: number, stream: streams[detail!] ?? `fd${detail}`, chunk };
    return { method: "process/output", params };
  }
  if (kind === 0x82) return { id: number, result: { chunk, eof: detail === 1 } };
  if (kind === 0x83) return { id: number, result: { dataBase64: chunk } };
  throw new Error(`A server sends no frame of the kind ${kind}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && Buffer.byteLength(value) < 65_536;
}

function bytesOf(base64: unknown): Buffer | undefined {
  if (typeof base64 !== "string") return undefined;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes : undefined;
}
