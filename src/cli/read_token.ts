import { readFileSync } from "node:fs";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The trimmed content of a file that holds a bearer token.
 *
 * @throws {UsageError} when it cannot be read or holds what an HTTP header cannot
 */
export function readToken(flag: string, file: string): string {
  const token = readSecret(flag, file);
  if (/[^\x20-\x7e]/.test(token)) {
    throw new UsageError(`--${flag}: the file "${file}" must hold one line of printable ASCII`);
  }
  return token;
}

/**
 * The trimmed content of a file that holds a secret.
 *
 * @throws {UsageError} when it cannot be read, is empty, or is no text
 */
export function readSecret(flag: string, file: string): string {
  // A byte that is no text would come out as one and the same character, and the secret would lose its strength.
  const text = decode(readFile(flag, file));
  if (text === undefined) throw new UsageError(`--${flag}: the file "${file}" is not UTF-8 text`);
  if (text.trim() === "") throw new UsageError(`--${flag}: the file "${file}" is empty`);
  return text.trim();
}

function readFile(flag: string, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = osErrorCode(error);
    const reason = code ? osErrorText(code) : (error as Error).message;
    throw new UsageError(`--${flag}: cannot read "${file}": ${reason}`, { cause: error });
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
