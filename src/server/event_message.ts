import type { GapEvent, LogEvent, OutputEvent } from "../log/process_event.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { formatOutputHead } from "../protocol/binary_answers.ts";
import type { MessageSocket } from "../transport/message_socket.ts";

const encoder = new TextEncoder();

/** The output event that was put into text last: those who follow one process mostly stand at the same place. */
let last: { readonly event: OutputEvent; readonly base64: string } | undefined;

/** A client's name for a process, as it stands in its events. */
export interface EventName {
  readonly json: string;
  /** As UTF-8, for frames. */
  readonly bytes: Uint8Array;
}

/** Puts a name into both forms. */
export function eventName(id: string): EventName {
  return { json: JSON.stringify(id), bytes: encoder.encode(id) };
}

/** What a connection's events are sent in. */
export interface EventForm {
  /** Whether output goes as binary frames. */
  readonly usesFrames: boolean;
  /** Whether others follow the process too, so that its output is encoded once for all of them. */
  readonly isShared: boolean;
}

/**
 * Sends the notification of an event.
 *
 * @returns how many bytes it has, but for what base64 adds
 */
export function sendEvent(
  socket: MessageSocket,
  name: EventName,
  event: LogEvent | GapEvent,
  form: EventForm,
): number {
  if (event.kind === "output") {
    return form.usesFrames ? sendFrame(socket, name, event) : sendOutput(socket, name, event, form);
  }
  const params = event.kind === "gap"
    ? `"fromSeq":${event.fromSeq},"toSeq":${event.toSeq}`
    : event.kind === "exited"
    ? `"seq":${event.seq},"exitCode":${event.exitCode},"sandboxDenied":${event.sandboxDenied === true}${
      event.limit === undefined ? "" : `,"limit":"${event.limit}"`
    }`
    : `"seq":${event.seq}`;
  const text = `{"method":"${methodOf[event.kind]}","params":{"processId":${name.json},${params}}}`;
  socket.send(text);
  return text.length;
}

const methodOf = {
  exited: "process/exited",
  closed: "process/closed",
  gap: "process/gap",
} as const;

function sendFrame(socket: MessageSocket, name: EventName, { seq, stream, bytes }: OutputEvent): number {
  const head = formatOutputHead(name.bytes, seq, stream);
  socket.sendBinary!(head, bytes);
  return head.length + bytes.length;
}

function sendOutput(
  socket: MessageSocket,
  { json }: EventName,
  event: OutputEvent,
  { isShared }: EventForm,
): number {
  const { seq, stream, bytes } = event;
  const before =
    `{"method":"process/output","params":{"processId":${json},"seq":${seq},"stream":"${stream}","chunk":"`;
  // Written around its base64: a JSON encoder would copy the bytes once more.
  if (!isShared) socket.sendBase64(before, bytes, '"}}');
  else {
    if (last?.event !== event) last = { event, base64: encodeBase64(bytes) };
    socket.send(`${before}${last.base64}"}}`);
  }
  return before.length + bytes.length;
}
