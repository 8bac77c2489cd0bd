import type { ExecServerClient } from "../../../client/client.ts";
import { readBeginning } from "../files/read_beginning.ts";

/** Bytes of a recording that are played: the player keeps all of them, several times. */
const playedBytes = 32 * 1024 * 1024;

/** A recording, or its beginning. */
export interface RecordingText {
  readonly text: string;
  readonly isCut: boolean;
}

/** Reads what can be played of a recording; one that is still written ends with its last whole line. */
export async function readRecording(
  client: ExecServerClient,
  path: string,
  signal: AbortSignal,
): Promise<RecordingText> {
  const { blocks, isCut } = await readBeginning(client, path, playedBytes, signal);
  const decoder = new TextDecoder();
  const text = blocks.map((block) => decoder.decode(block, { stream: true })).join("");
  return { text: wholeLines(text), isCut };
}

/** A text without what stands behind its last line. */
export function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}
