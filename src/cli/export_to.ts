import type { ExportFormat } from "../protocol/schemas/recording.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import { NewFile } from "./new_file.ts";
import type { ProgramHost } from "./program_host.ts";
import { brokenPipe } from "./run_status.ts";
import { findShared, type SharedTarget } from "./shared_target.ts";

/** What is exported, and where to: a new file, or standard output. */
export interface ExportOptions {
  readonly format: ExportFormat;
  readonly file: string | undefined;
}

/** Writes what is kept of a process's output. @returns the exit status */
export async function exportTo(
  target: SharedTarget,
  name: string,
  { format, file: path }: ExportOptions,
  host: ProgramHost,
): Promise<number> {
  const { handle, firstSeq, nextSeq } = await findShared(target, name);
  // Its events are not wanted here, only what it has put out.
  const process = await target.processes.attach(handle, { from: { afterSeq: nextSeq - 1 } });
  if (firstSeq > 1) {
    const text = `exec-server: events 1 to ${firstSeq - 1} are not kept any more\n`;
    await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
  }
  const parts = process.export(format);
  if (path !== undefined) {
    await using file = await NewFile.create(path);
    for await (const part of parts) await file.write(part);
    file.keep();
    return 0;
  }
  try {
    for await (const part of parts) await writeOutput(host.writeStandard, "stdout", part);
    return 0;
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}
