import { EXPORT_PART_BYTES, EXPORT_PART_EVENTS } from "../limits.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ExportFormat } from "../protocol/schemas/recording.ts";
import { concat } from "../std/bytes/concat.ts";
import { castHeader, ProcessCast, type RecordedOutput } from "./cast_of_process.ts";
import { CastWriter } from "./cast_writer.ts";
import type { ExportPosition } from "./export_position.ts";
import { PlainText } from "./plain_text.ts";

/** Some bytes of a file, and where it goes on; undefined at its end. */
export interface ExportPart {
  readonly bytes: Uint8Array;
  readonly next: ExportPosition | undefined;
}

/** Some output that is kept, and what a part of a file makes of it. */
interface Stretch {
  readonly output: readonly RecordedOutput[];
  readonly isLast: boolean;
}

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
  const seq = (output.at(-1)?.seq ?? position.last) + 1;
  const isLast = output.length === 0 || seq > position.last;
  const stretch = { output, isLast };
  const { bytes, ...state } = position.format === "v3" || position.format === "v2"
    ? cast(process, position, stretch)
    : position.format === "text"
    ? plainText(position, stretch)
    : { bytes: shown(stretch) };
  return { bytes, next: isLast ? undefined : { ...position, seq, ...state } };
}

/** What is kept from an event on, in memory or on disk: a part of it. */
async function outputFrom(
  { log, spool }: ManagedProcess,
  fromSeq: number,
): Promise<readonly RecordedOutput[]> {
  if (spool?.firstSeq !== undefined && fromSeq < log.firstSeq && spool.firstSeq < log.firstSeq) {
    const found = await spool.read({ fromSeq }, EXPORT_PART_BYTES);
    if (found.length > 0) return found;
  }
  return log.read({ afterSeq: fromSeq - 1, maxBytes: EXPORT_PART_BYTES }).chunks;
}

function cast(process: ManagedProcess, { format, last, cast }: ExportPosition, { output, isLast }: Stretch) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line, "\n");
  const begun = cast ?? beginCast(process, output[0], format === "v3" ? 3 : 2, write);
  const recording = new ProcessCast(process, begun, write);
  for (const event of output) recording.output(event);
  if (isLast) recording.end(last);
  return { bytes: new TextEncoder().encode(lines.join("")), cast: recording.state };
}

/** A recording begins with its process, or with the oldest output that is kept. */
function beginCast(
  process: ManagedProcess,
  first: RecordedOutput | undefined,
  version: 2 | 3,
  write: (line: string) => void,
) {
  const startMs = first && first.seq > 1 ? first.atMs ?? 0 : 0;
  const sizedTo = first?.seq ?? process.log.nextSeq;
  const header = castHeader(process, process.sizes?.at(sizedTo), startMs);
  return { seq: 1, sizedTo, cast: CastWriter.begin(header, startMs, write, version).state };
}

function plainText({ plain }: ExportPosition, stretch: Stretch) {
  const text = new PlainText(plain);
  const bytes = text.push(shown(stretch));
  return { bytes, plain: text.state };
}

/** What comes on descriptors is nothing that a person sees. */
function shown({ output }: Stretch): Uint8Array {
  return concat(output.filter(({ stream }) => !isDescriptorStream(stream)).map(({ bytes }) => bytes));
}
