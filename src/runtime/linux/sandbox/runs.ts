import type { ChildProcess } from "../../../host/child_process.ts";
import type { PipeOutput } from "../../posix/pipe_output.ts";
import { systemError } from "../../posix/system_error.ts";
import { readyByte } from "./last_steps.ts";
import type { ComposedStart } from "./mechanism.ts";

/** Bytes of what comes out of a sandbox that does not stand which are read. */
const saidBytes = 16 * 1024;

/**
 * Resolves when the program runs.
 *
 * @throws {Error} with `code` where it does not; the sandbox has gone then
 * @throws {NotConfinedError} where the sandbox did not come to stand
 */
export async function runs(report: PipeOutput, start: ComposedStart, child: ChildProcess): Promise<void> {
  let said = new Uint8Array();
  for (let more = await report.read(64); more !== null; more = await report.read(64)) {
    said = Uint8Array.of(...said, ...more);
  }
  const isReady = said[0] === readyByte;
  const failure = said.subarray(isReady ? 1 : 0);
  if (isReady && failure.length === 0) return;
  const [text] = await Promise.all([lastWords(child), child.exit]);
  await child.stdin?.close();
  for (const input of child.inputs?.values() ?? []) await input.close();
  if (failure.length < 16) throw start.explain(text, undefined);
  const failed = start.steps.failure(failure);
  if (failed.call === "execve") throw systemError("execve", failed.errno);
  throw start.explain(text, failed);
}

/** What came out before it ended, of the stream where errors go. */
async function lastWords({ outputs }: ChildProcess): Promise<string> {
  const texts = await Promise.all(outputs.map(async ({ source }) => {
    let text = "";
    const decoder = new TextDecoder();
    for (let bytes = await source.read(saidBytes); bytes; bytes = await source.read(saidBytes)) {
      if (text.length < saidBytes) text += decoder.decode(bytes, { stream: true });
    }
    return text;
  }));
  return texts.join("");
}
