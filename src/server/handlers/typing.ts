import { STDIN_QUEUED_BYTES } from "../../limits.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import type { ResultSent } from "../../protocol/methods.ts";
import type { Attachment } from "../../session/attachment.ts";
import { HeldResult } from "./handler.ts";

/** What may be done to a process by who has its keyboard. */

/** @throws {RpcError} -32600 where too much waits to be read already */
export function write(
  attachment: Attachment,
  chunk: Uint8Array,
  writeId: string,
): WriteAnswer | Promise<WriteAnswer> {
  const { process, id } = attachment;
  if (process.queuedInputBytes > STDIN_QUEUED_BYTES) {
    throw invalidRequest(`more than ${STDIN_QUEUED_BYTES} bytes wait for process ${id} to read them`);
  }
  const answer = (taken: boolean): WriteAnswer => ({ status: taken ? "accepted" : "stdinClosed" });
  const taken = attachment.write(chunk, writeId);
  return taken instanceof Promise ? taken.then(answer) : answer(taken);
}

type WriteAnswer = ResultSent<"process/write">;

/**
 * What somebody is answered who may not type just now. An owner that is told of an error forgets the process, as the Codex
 * client does: it is told to try again, or waits where whoever has the keyboard wants that.
 */
export function writeLater(
  attachment: Attachment,
  write: () => WriteAnswer | Promise<WriteAnswer>,
): WriteAnswer | HeldResult {
  if (attachment.role !== "owner") mustType(attachment, "write to it");
  const { keyboard } = attachment.process;
  return keyboard.holdsOwner
    ? new HeldResult(keyboard.ownersTurn().then(write))
    : { status: "starting", keyboard: "viewer" };
}

/** @throws {RpcError} -32600 for who has not the keyboard */
export function mustType(attachment: Attachment, what: string): void {
  if (attachment.mayType) return;
  throw invalidRequest(`process ${attachment.id}: take the keyboard to ${what}`);
}
