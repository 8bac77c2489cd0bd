import { basename } from "node:path";
import process from "node:process";
import { renamed } from "../file_system/archive/renamed.ts";
import { failingAlike } from "../machine/machine_error.ts";
import type { CopyEnd } from "./copy_ends.ts";
import { CopyError } from "./copy_target.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import type { ProgramHost } from "./program_host.ts";
import { brokenPipe } from "./run_status.ts";
import { UsageError } from "./usage_error.ts";

/** What goes into an archive. */
export interface PackFlags {
  readonly recursive: boolean;
  readonly exclude: readonly string[];
  readonly signal: AbortSignal;
}

/** Writes what is at a place to standard output as a tar archive. @returns the exit status */
export async function packTo(
  { files, path, given }: CopyEnd,
  { recursive, exclude, signal }: PackFlags,
  { writeStandard }: ProgramHost,
): Promise<number> {
  if (process.stdout.isTTY) {
    throw new UsageError("Standard output is a terminal: write the archive to a file or a pipe");
  }
  const { isDirectory } = await files.stat(path);
  if (isDirectory && !recursive) throw new CopyError(`"${given}" is a directory: give -r to copy it`);
  const archive = files.pack(path, { exclude });
  const isContent = isDirectory && /(^|\/)(\.{0,2}|~)\/*$/.test(given);
  try {
    for await (const piece of isContent ? archive : renamed(archive, basename(path))) {
      signal.throwIfAborted();
      await writeOutput(writeStandard, "stdout", piece);
    }
    return 0;
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}

/** Unpacks a tar archive from a stream in a directory. @returns the exit status */
export async function unpackFrom(
  input: typeof process.stdin,
  { files, path, word }: CopyEnd,
  signal: AbortSignal,
): Promise<number> {
  if (input.isTTY) throw new UsageError("Standard input is a terminal: give the archive by a file or a pipe");
  const there = await files.stat(path).catch(() => undefined);
  if (!there?.isDirectory) throw new CopyError(`"${word}" is no directory to unpack an archive in`);
  await failingAlike(() => files.unpack(path, piecesOf(input, signal)));
  return 0;
}

async function* piecesOf(input: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of input) {
    signal.throwIfAborted();
    yield piece;
  }
}
