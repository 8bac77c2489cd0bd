/** The step that looks at the whole life of one process. */
import { concat } from "@std/bytes/concat";
import { shorten } from "./pattern.ts";
import { type Scene, usualWait } from "./scene.ts";
import { expandText } from "./variables.ts";
import type { CollectStep } from "./vector.ts";

interface ProcessEvent {
  method: string;
  params: {
    processId: string;
    seq: number;
    stream?: string;
    chunk?: string;
    exitCode?: number;
    sandboxDenied?: boolean;
  };
}

/** Takes all of a process's notifications up to `process/closed` and compares their summary. */
export async function collect(step: CollectStep, scene: Scene): Promise<void> {
  const { expect, firstSeq = 1 } = step.collect;
  const processId = expandText(step.collect.processId, scene.variables);
  const connection = scene.connection(step.on);
  let events: ProcessEvent[] = [];
  let closed: ProcessEvent | undefined;
  await connection.until(() => {
    events = connection.messages.map(({ value }) => value as ProcessEvent)
      .filter(({ method, params }) => method?.startsWith("process/") && params?.processId === processId);
    closed = events.find(({ method }) => method === "process/closed");
    // Events may overtake each other on the wire, so those before `closed` may come after it.
    if (closed && events.length > closed.params.seq - firstSeq) return true;
    if (connection.closed) throw new Error("the server closed the connection before the process was closed");
  }, step.within ?? usualWait);
  if (!closed) throw new Error(`expected process/closed, got ${shorten(events)}`);
  const others = connection.messages.filter(({ value }) => !events.includes(value as ProcessEvent));
  connection.messages.splice(0, Infinity, ...others);
  const mismatch = scene.mismatch({ ...expect, $extra: true }, summarize(events, firstSeq));
  if (mismatch !== undefined) throw new Error(mismatch);
}

/** What the vectors compare: see `CollectStep`. */
function summarize(events: ProcessEvent[], firstSeq: number): Record<string, unknown> {
  const sorted = events.toSorted((a, b) => a.params.seq - b.params.seq);
  const exited = sorted.find(({ method }) => method === "process/exited");
  const chunks = sorted.filter(({ method }) => method === "process/output")
    .map(({ params }) => ({ stream: params.stream!, bytes: Uint8Array.fromBase64(params.chunk!) }));
  const streams = Object.entries(Object.groupBy(chunks, ({ stream }) => stream)).map(([stream, parts]) => [
    stream,
    new TextDecoder().decode(concat(parts!.map(({ bytes }) => bytes))),
  ]);
  return {
    exitCode: exited?.params.exitCode,
    sandboxDenied: exited?.params.sandboxDenied,
    streams: Object.fromEntries(streams),
    contiguous: sorted.every(({ params }, index) => params.seq === firstSeq + index),
    closedLast: sorted.at(-1)?.method === "process/closed",
    maxChunk: Math.max(0, ...chunks.map(({ bytes }) => bytes.length)),
    count: sorted.length,
  };
}
