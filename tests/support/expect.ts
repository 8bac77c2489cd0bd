import { RpcError } from "../../src/protocol/errors.ts";
import { ok, rejects, strictEqual } from "node:assert/strict";

/** The errors of machines, by name: a suite may be run against the library as somebody else has built it. */
const machineErrors: readonly string[] = ["ServerError", "NotFoundError", "PermissionError"];

/** Waits for a machine's refusal with a code, the protocol's or the library's, and with a text where one is given. */
export async function fails(
  promise: PromiseLike<unknown>,
  code: number | string,
  message?: RegExp,
): Promise<void> {
  await rejects(Promise.resolve(promise), (error) => {
    ok(error instanceof Error && machineErrors.includes(error.name), String(error));
    const told = error as Error & { rpcCode: number; code: string };
    strictEqual(typeof code === "number" ? told.rpcCode : told.code, code, error.message);
    if (message) ok(message.test(error.message), error.message);
    return true;
  });
}

/** Waits for a server's refusal of a call with a code of the protocol, and with a text where one is given. */
export async function refuses(promise: Promise<unknown>, code: number, message?: RegExp): Promise<void> {
  await rejects(promise, (error) => {
    ok(error instanceof RpcError, String(error));
    strictEqual(error.code, code, error.message);
    if (message) ok(message.test(error.message), error.message);
    return true;
  });
}

/** Bytes that repeat late, so that a part in the wrong place shows. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 7 + (at >> 8) * 13 + (at >> 16)) & 0xff;
  return bytes;
}

/** Whether bytes are the same, without printing them where they are not. */
export function sameBytes(one: Uint8Array, other: Uint8Array): void {
  strictEqual(one.length, other.length);
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) throw new Error(`Byte ${at} is ${one[at]}, not ${other[at]}`);
  }
}

/** A stream's bytes. */
export async function wholeOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}
