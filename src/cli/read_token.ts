import { readFileSync } from "node:fs";
import { failureText } from "../native/os_errors.ts";
import { isRole, type Role, roles } from "../protocol/roles.ts";
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
 * The tokens of a file: each on a line of its own, which may say behind it what its holder may do, such as `role=view`.
 *
 * @throws {UsageError} when it cannot be read, holds what an HTTP header cannot, or names a role that there is not
 */
export function readTokens(flag: string, file: string): { readonly token: string; readonly role: Role }[] {
  const lines = readSecret(flag, file).split(/\r?\n/).map((line) => line.trim()).filter((line) =>
    line !== ""
  );
  return lines.map((line) => {
    const [, token, role] = /^(\S+)\s+role=(\S*)$/.exec(line) ?? [];
    if (/[^\x20-\x7e]/.test(line) || (token === undefined && lines.length > 1)) {
      throw new UsageError(
        `--${flag}: the file "${file}" must hold one line of printable ASCII, or on each line a token and its role=`,
      );
    }
    if (token === undefined) return { token: line, role: "full" };
    if (isRole(role)) return { token, role };
    throw new UsageError(
      `--${flag}: the file "${file}" has the role "${role}"; there are ${roles.join(", ")}`,
    );
  });
}

/**
 * The trimmed content of a file that holds a secret.
 *
 * @throws {UsageError} when it cannot be read, is empty, or is no text
 */
export function readSecret(flag: string, file: string): string {
  const text = readText(flag, file);
  if (text.trim() === "") throw new UsageError(`--${flag}: the file "${file}" is empty`);
  return text.trim();
}

/**
 * The content of a file that holds text.
 *
 * @throws {UsageError} when it cannot be read, or is no text
 */
export function readText(flag: string, file: string): string {
  // A byte that is no text would come out as one and the same character, and a secret would lose its strength.
  const text = decode(readFile(flag, file));
  if (text === undefined) throw new UsageError(`--${flag}: the file "${file}" is not UTF-8 text`);
  return text;
}

function readFile(flag: string, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--${flag}: cannot read "${file}": ${failureText(error)}`, { cause: error });
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
