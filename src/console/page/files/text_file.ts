import type { ExecServerClient } from "../../../client/client.ts";
import { readBeginning } from "./read_beginning.ts";

/** The beginning of a file, as text. */
export interface FileText {
  /** Undefined where it is no text. */
  readonly text: string | undefined;
  /** Whether there is more of it. */
  readonly isCut: boolean;
}

/** Bytes of a file that are shown. */
const shownBytes = 1024 * 1024;

/** The beginning of a file. @throws {RpcError} as `fs/open` and `fs/readBlock` do */
export async function readText(client: ExecServerClient, path: string): Promise<FileText> {
  const { blocks, isCut } = await readBeginning(client, path, shownBytes);
  return { text: textOf(blocks), isCut };
}

/** Undefined for bytes that are no text; a character that is cut off at the end is none of it. */
export function textOf(blocks: readonly Uint8Array[]): string | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const texts = blocks.map((block) => decoder.decode(block, { stream: true }));
    return texts.some((text) => text.includes("\0")) ? undefined : texts.join("");
  } catch {
    return undefined;
  }
}
