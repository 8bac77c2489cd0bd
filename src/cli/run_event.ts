import type { ProcessEvent } from "../log/process_event.ts";
import { encodeBase64 } from "../protocol/base64.ts";

/** What `--json` prints: the start, the end of its time, and what the client learns of the process. */
export type RunEvent =
  | ProcessEvent
  | { readonly kind: "started"; readonly processId: string }
  /** Its time is up, and it is asked to end. */
  | { readonly kind: "timeout"; readonly timeoutMs: number };

/**
 * One line of `--json`: the event with its bytes as base64 `chunk`.
 *
 * @param host where it happened, if on one of several
 */
export function encodeEvent(event: RunEvent, host?: string): Uint8Array {
  const json = JSON.stringify({ host, event: event.kind, ...members(event) });
  // JSON leaves controls of the second set as they are, which a terminal may follow.
  const shown = json.replace(/[\x7f-\x9f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  return new TextEncoder().encode(shown + "\n");
}

function members(event: RunEvent): Record<string, string | number> {
  switch (event.kind) {
    case "started":
      return { processId: event.processId };
    case "timeout":
      return { timeoutMs: event.timeoutMs };
    case "output":
      return { seq: event.seq, stream: event.stream, chunk: encodeBase64(event.bytes) };
    case "exited":
      return {
        seq: event.seq,
        exitCode: event.exitCode,
        ...event.limit !== undefined && { limit: event.limit },
      };
    case "closed":
      return { seq: event.seq };
    case "gap":
      return { fromSeq: event.fromSeq, toSeq: event.toSeq };
    case "failed":
      return { message: event.message };
  }
}
