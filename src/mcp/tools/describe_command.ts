import type { Excerpt } from "./transcript.ts";
import type { FollowedCommand } from "./followed_command.ts";

/** How a process stands, in a line. */
export function describeState(command: FollowedCommand): string {
  const { id, machine, end, failure, timedOutSeconds, startedAtMs, endedAtMs = Date.now() } = command;
  const who = `${id} on ${machine}`;
  const after = startedAtMs === undefined ? "" : ` after ${seconds(endedAtMs - startedAtMs)}`;
  if (failure !== undefined) return `${who} can be followed no further${after}: ${failure}`;
  if (!end) return `${who} runs${after.replace(" after", ", for")}`;
  const behind = command.isOver ? "" : "; something that it left behind still holds its output";
  if (timedOutSeconds !== undefined) {
    return `${who} was killed: it took more than ${timedOutSeconds} s${behind}`;
  }
  const how = end.signal === null ? `ended with status ${end.exitCode}` : `was ended by ${end.signal}`;
  return `${who} ${how}${after}${behind}`;
}

/** Output of a process, with what is left to be read. @param from where somebody asked for it to begin */
export function describeOutput(command: FollowedCommand, excerpt: Excerpt, from: number): string {
  const { from: begin, to, text } = excerpt;
  const lost = from >= 0 && begin > from ? `[bytes ${from} to ${begin} are no longer kept]\n` : "";
  return `${lost}${text === "" ? "(no output)" : text}${readOn(command, to)}`;
}

/** The beginning and the end of all output, where it is more than fits. */
export function describeWhole(command: FollowedCommand, maxBytes: number): string {
  const { transcript } = command;
  if (transcript.end <= maxBytes) {
    const whole = transcript.read(0, maxBytes);
    command.position = whole.to;
    return describeOutput(command, whole, 0);
  }
  const head = transcript.read(0, Math.ceil(maxBytes / 4));
  const tail = transcript.read(-Math.max(1, Math.floor(maxBytes * 3 / 4)), maxBytes);
  command.position = tail.to;
  const middle = `\n[truncated: bytes ${head.to} to ${tail.from} are left out; read on with read ${
    JSON.stringify({ process: command.id, from: head.to })
  }]\n`;
  return `${head.text}${middle}${tail.text}${readOn(command, tail.to)}`;
}

function readOn(command: FollowedCommand, to: number): string {
  if (command.transcript.end <= to) return "";
  return `\n[truncated: ${command.transcript.end - to} bytes more; read on with read ${
    JSON.stringify({ process: command.id, from: to })
  }]`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
