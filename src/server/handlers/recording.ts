import { invalidParams } from "../../protocol/errors.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { ResultSent } from "../../protocol/methods.ts";
import type { Session } from "../../session/session.ts";
import type { Handlers } from "./handler.ts";
import { unknownProcess } from "./process.ts";

/** What recordings are made with. */
export interface RecordingDomain {
  readonly session: Session;
}

/** Recordings of processes, one's own and those that one is attached to. What makes them is loaded with the first. */
export function recordingHandlers({ session }: RecordingDomain): Handlers<"process/export"> {
  return {
    async "process/export"({ processId, format, position: text }): Promise<ResultSent<"process/export">> {
      const attachment = session.find(processId);
      if (!attachment) throw unknownProcess(processId);
      const { beginExport, exportPart } = await import("../../recording/export.ts");
      const { parsePosition, positionText } = await import("../../recording/export_position.ts");
      const { process } = attachment;
      const position = text === undefined ? beginExport(process, format) : parsePosition(text);
      if (position?.format !== format) throw invalidParams("position: no answer has told it for this format");
      const { bytes, next } = await exportPart(process, position);
      return { chunk: encodeBase64(bytes), position: next ? positionText(next) : null };
    },
  };
}
