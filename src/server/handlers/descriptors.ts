import { STDIN_QUEUED_BYTES } from "../../limits.ts";
import type { StdinQueue } from "../../process/stdin_queue.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import type { ResultSent } from "../../protocol/methods.ts";
import type { Attachment } from "../../session/attachment.ts";

/** What may be done with the descriptors of a process beyond 2: they are its owner's, whoever has the keyboard. */

/**
 * Queues bytes for a descriptor; see {@linkcode ManagedProcess.write}.
 *
 * @throws {RpcError} -32600 for one that the process does not read, for who does not own it, and where too much waits to be
 * read already
 */
export function writeToDescriptor(
  attachment: Attachment,
  fd: number,
  { chunk, writeId }: { readonly chunk: Uint8Array; readonly writeId: string },
): ResultSent<"process/write"> | Promise<ResultSent<"process/write">> {
  const input = inputOf(attachment, fd);
  const { process, id } = attachment;
  if (process.queuedInputBytes > STDIN_QUEUED_BYTES) {
    throw invalidRequest(`more than ${STDIN_QUEUED_BYTES} bytes wait for process ${id} to read them`);
  }
  return input.write(chunk, writeId)?.then(() => accepted) ?? accepted;
}

/**
 * Ends what a process reads from a descriptor, after everything that was written.
 *
 * @throws {RpcError} -32600 for one that it does not read, and for who does not own it
 */
export function closeDescriptor(attachment: Attachment, fd: number): ResultSent<"process/closeStdin"> {
  inputOf(attachment, fd).close();
  return accepted;
}

const accepted = { status: "accepted" } as const;

function inputOf({ process, id, role }: Attachment, fd: number): StdinQueue {
  if (role !== "owner") throw invalidRequest(`process ${id}: its descriptors are its owner's alone`);
  const input = process.input(fd);
  if (!input) throw invalidRequest(`process ${id} has no descriptor ${fd} that it reads`);
  return input;
}
