import type { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { UsageError } from "./usage_error.ts";

/**
 * Refuses arguments that are not UTF-8: the runtimes replace what they cannot read, and the protocol has texts only, so
 * that another argument than the one that was given would arrive. Only Linux tells.
 *
 * @throws {UsageError} for the first such argument
 */
export function refuseForeignBytes(args: readonly string[]): void {
  if (!args.some((arg) => arg.includes("\ufffd"))) return;
  const exact = exactArguments()?.slice(-args.length);
  const at = args.findIndex((_, index) => exact?.[index] !== undefined && !isText(exact[index]));
  if (at < 0) return;
  throw new UsageError(
    `The argument "${
      args[at]
    }" is not UTF-8 text, and the protocol carries no other: let a shell on the server make ` +
      `its bytes, such as sh -c 'CMD "$(printf "\\351")"'`,
  );
}

/** The arguments of this program as bytes, where the system tells. */
function exactArguments(): Buffer[] | undefined {
  try {
    return split(readFileSync("/proc/self/cmdline"));
  } catch {
    return undefined;
  }
}

function split(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, end = bytes.indexOf(0); end >= 0; at = end + 1, end = bytes.indexOf(0, at)) {
    parts.push(bytes.subarray(at, end));
  }
  return parts;
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
