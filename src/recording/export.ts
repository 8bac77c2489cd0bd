import { EXPORT_PART_BYTES, EXPORT_PART_EVENTS } from "../limits.ts";
import type { OutputEvent } from "../log/process_event.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ExportFormat } from "../protocol/schemas/recording.ts";
import { concat } from "../std/bytes/concat.ts";
import { castSize, castTerm, gapText } from "./cast_of_process.ts";
import { CastWriter } from "./cast_writer.ts";
import type { ExportPosition } from "./export_position.ts";
import { PlainText } from "./plain_text.ts";

/** Some bytes of a file, and where it goes on; undefined at its end. */
export interface ExportPart {
  readonly bytes: Uint8Array;
  readonly next: ExportPosition | undefined;
}

type Output = Pick<OutputEvent, "seq" | "stream" | "bytes" | "atMs">;

/** Where a file of what is kept of a process begins. It ends with what there is now. */
export function beginExport({ log }: ManagedProcess, format: ExportFormat): ExportPosition {
  return { format, seq: 1, last: log.nextSeq - 1 };
}

/**
 * The next part of a file of what a process has put out. Nothing is held between two parts: what is evicted meanwhile is a
 * gap.
 */
export async function exportPart(process: ManagedProcess, position: ExportPosition): Promise<ExportPart> {
  const found = await outputFrom(process, position.seq);
  const output = found.filter(({ seq }) => seq <= position.last).slice(0, EXPORT_PART_EVENTS);
  const next = (output.at(-1)?.seq ?? position.last) + 1;
  const isLast = output.length === 0 || next > position.last;
  const { format } = position;
  if (format === "v3" || format === "v2") {
    const { lines, cast } = castLines(process, position, output, {
      version: format === "v3" ? 3 : 2,
      isLast,
    });
    const bytes = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
    return { bytes, next: isLast ? undefined : { ...position, seq: next, cast } };
  }
  const bytes = concat(output.map(({ bytes }) => bytes));
  if (format === "raw") return { bytes, next: isLast ? undefined : { ...position, seq: next } };
  const text = new PlainText(position.plain);
  const left = text.push(bytes);
  return { bytes: left, next: isLast ? undefined : { ...position, seq: next, plain: text.state } };
}

/** What is kept from an event on, in memory or on disk: a part of it. */
async function outputFrom({ log, spool }: ManagedProcess, fromSeq: number): Promise<readonly Output[]> {
  if (spool?.firstSeq !== undefined && fromSeq < log.firstSeq && spool.firstSeq < log.firstSeq) {
    const found = await spool.read({ fromSeq }, EXPORT_PART_BYTES);
    if (found.length > 0) return found;
  }
  return log.read({ afterSeq: fromSeq - 1, maxBytes: EXPORT_PART_BYTES }).chunks;
}

/** The lines of a recording that tell some output, and how far it is written then. */
function castLines(
  process: ManagedProcess,
  { seq: from, last, cast }: ExportPosition,
  output: readonly Output[],
  { version, isLast }: { readonly version: 2 | 3; readonly isLast: boolean },
) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const writer = cast ? new CastWriter(cast, write) : beginCast(process, output[0], version, write);
  const after = cast ? from - 1 : output[0]?.seq ?? last;
  const changes = [...process.sizes?.between(after, isLast ? last + 1 : output.at(-1)!.seq) ?? []];
  let next = from;
  for (const { seq, stream, bytes, atMs = 0 } of output) {
    const gap = gapText(process.log, next, seq - 1);
    if (gap !== undefined) writer.marker(atMs, gap);
    while (changes[0] && changes[0].seq <= seq) {
      const { atMs, size } = changes.shift()!;
      writer.resize(atMs, size);
    }
    writer.output(atMs, stream, bytes);
    next = seq + 1;
  }
  if (isLast) {
    for (const { atMs, size } of changes) writer.resize(atMs, size);
    const { exited } = process.log;
    // One that came since is not in this file.
    const isIn = exited !== undefined && exited.seq <= last;
    writer.end(exited?.atMs ?? 0, isIn ? exited.exitCode : null);
  }
  return { lines, cast: writer.state };
}

/** A recording begins with its process, or with the oldest output that is kept. */
function beginCast(
  process: ManagedProcess,
  first: Output | undefined,
  version: 2 | 3,
  write: (line: string) => void,
): CastWriter {
  const startMs = first && first.seq > 1 ? first.atMs ?? 0 : 0;
  return CastWriter.begin(
    {
      size: castSize(first && process.sizes?.at(first.seq) || process.sizes?.current),
      timestamp: Math.floor((process.startedAtMs + startMs) / 1000),
      term: castTerm(process.tty),
      title: process.name,
    },
    startMs,
    write,
    version,
  );
}
