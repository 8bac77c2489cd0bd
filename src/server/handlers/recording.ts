import type { CallShare } from "../../host/waiting_calls.ts";
import { invalidParams, invalidRequest } from "../../protocol/errors.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { ResultSent } from "../../protocol/methods.ts";
import { covers, type Role } from "../../protocol/roles.ts";
import type { Recorder } from "../../recording/recorder.ts";
import type { Screens } from "../../screen/screens.ts";
import type { Session } from "../../session/session.ts";
import type { Handlers } from "./handler.ts";
import { unknownProcess } from "./process.ts";
import { nativePath, uriOf } from "./wire_paths.ts";

/** What recordings are made with. */
export interface RecordingDomain {
  readonly session: Session;
  readonly screens: Screens;
  /** What the connection may do. */
  readonly role: Role;
  /** What waits for a folder on the client's behalf waits in it. */
  readonly calls: CallShare;
  /** Loaded when it is first asked for. */
  readonly recorder: () => Promise<Recorder>;
}

/** Recordings of processes, one's own and those that one is attached to. What makes them is loaded with the first. */
export function recordingHandlers({ session, screens, role, recorder, calls }: RecordingDomain): Handlers<
  "process/record" | "process/stopRecording" | "process/export" | "recording/list"
> {
  return {
    async "process/record"({ processId, path, maxBytes, input }): Promise<ResultSent<"process/record">> {
      const attachment = session.find(processId);
      if (!attachment) throw unknownProcess(processId);
      if (path !== undefined && !covers(role, "full")) {
        throw invalidRequest("a path for the recording needs the role full: leave it to the server");
      }
      if (input === "keys" && !covers(role, "full")) {
        throw invalidRequest("a recording of keys needs the role full: leave input out");
      }
      const { process } = attachment;
      const recordings = await recorder();
      const seen = process.tty ? await screens.look(process, { format: "ansi" }) : undefined;
      const recording = await recordings.begin(process, {
        path: path === undefined ? undefined : nativePath(path),
        maxBytes,
        recordsInput: input === "keys",
        afterSeq: seen?.seq ?? process.log.nextSeq - 1,
        picture: seen?.format === "ansi" ? seen : undefined,
      });
      return { recordingId: recording.id, path: uriOf(recording.path) };
    },

    async "process/stopRecording"({ recordingId }) {
      const { bytes, gaps, error } = await (await recorder()).stop(recordingId);
      return { bytes, gaps, error: error?.message ?? null };
    },

    async "recording/list"(): Promise<ResultSent<"recording/list">> {
      const recordings = await recorder();
      const { folder } = recordings;
      if (folder === undefined) return { folder: null, recordings: [], isCut: false };
      const { listRecordings } = await import("../../recording/list_recordings.ts");
      const found = await calls.run(() => listRecordings(folder), folder);
      return {
        folder: uriOf(folder),
        recordings: found.recordings.map(({ path, handle = null, ...recording }) => ({
          path: uriOf(path),
          ...recording,
          handle,
          isRunning: recordings.isWriting(path),
        })),
        isCut: found.isCut,
      };
    },

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
