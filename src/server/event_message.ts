import type { GapEvent, LogEvent, OutputEvent } from "../log/process_event.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import type { MessageSocket } from "../transport/message_socket.ts";

/** The output event that was put into text last: those who follow one process mostly stand at the same place. */
let last: { readonly event: OutputEvent; readonly base64: string } | undefined;

/**
 * Sends the notification of an event.
 *
 * @param id the client's name for the process, as JSON
 * @param isShared whether others follow the process too, so that its output is encoded once for all of them
 * @returns how many bytes it has, but for what base64 adds
 */
export function sendEvent(
  socket: MessageSocket,
  id: string,
  event: LogEvent | GapEvent,
  isShared: boolean,
): number {
  if (event.kind === "output") return sendOutput(socket, id, event, isShared);
  const params = event.kind === "gap"
    ? `"fromSeq":${event.fromSeq},"toSeq":${event.toSeq}`
    : event.kind === "exited"
    ? `"seq":${event.seq},"exitCode":${event.exitCode},"sandboxDenied":${event.sandboxDenied === true}`
    : `"seq":${event.seq}`;
  const text = `{"method":"${methodOf[event.kind]}","params":{"processId":${id},${params}}}`;
  socket.send(text);
  return text.length;
}

const methodOf = {
  exited: "process/exited",
  closed: "process/closed",
  gap: "process/gap",
} as const;

function sendOutput(
  socket: MessageSocket,
  id: string,
  event: OutputEvent,
  isShared: boolean,
): number {
  const { seq, stream, bytes } = event;
  const before =
    `{"method":"process/output","params":{"processId":${id},"seq":${seq},"stream":"${stream}","chunk":"`;
  // Written around its base64: a JSON encoder would copy the bytes once more.
  if (!isShared) socket.sendBase64(before, bytes, '"}}');
  else {
    if (last?.event !== event) last = { event, base64: encodeBase64(bytes) };
    socket.send(`${before}${last.base64}"}}`);
  }
  return before.length + bytes.length;
}
