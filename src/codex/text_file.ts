import { open } from "node:fs/promises";
import { constants } from "node:fs";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";

/** Why a file could not be read as text. */
export type TextFileProblem = "missing" | "not a file" | "too large" | "not UTF-8" | "unreadable";

/** A file that could not be read as text. The message says why, without naming the file. */
export class TextFileError extends Error {
  override readonly name = "TextFileError";
  readonly problem: TextFileProblem;

  constructor(problem: TextFileProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/**
 * The text of a regular file of at most `maxBytes` bytes. A byte order mark is kept.
 *
 * @param calls what it waits in
 * @throws {TextFileError}
 */
export async function readTextFile(
  path: string,
  maxBytes: number,
  calls: CallShare = waitingCalls.share(),
): Promise<string> {
  return decodeText(
    await calls.run(() => readBytes(path, maxBytes), path).catch((error) => {
      throw unreadable(error);
    }),
  );
}

/** A failure to read a file, as an error that says what kind of failure it is. */
export function unreadable(error: unknown): TextFileError {
  if (error instanceof TextFileError) return error;
  const code = osErrorCode(error);
  const problem = code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  return new TextFileError(problem, code ? osErrorText(code) : String(error), { cause: error });
}

/**
 * The text of a file's bytes.
 *
 * @throws {TextFileError} for what is not UTF-8
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new TextFileError("not UTF-8", "is not UTF-8", { cause: error });
  }
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  // Without this flag, opening a named pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat();
    const { size } = stat;
    if (!stat.isFile()) throw new TextFileError("not a file", "is not a file");
    if (size > maxBytes) throw new TextFileError("too large", `exceeds the ${maxBytes}-byte limit`);
    const buffer = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(buffer, length, size - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}
