import { concat } from "@std/bytes/concat";
import { ExecServerClient } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/client_options.ts";
import { webSocketConnector, type WebSocketOptions } from "../../src/transport/websocket_transport.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { framesOf } from "./wire_frames.ts";

/** A client on a server's URL. */
export async function openClient(
  url: string,
  options: WebSocketOptions = {},
  clientOptions: ClientOptions = {},
): Promise<ExecServerClient> {
  return await ExecServerClient.connect(webSocketConnector(url, options), {
    clientName: "test",
    binaryFrames: framesOf === "library",
    ...clientOptions,
  });
}

/** What a finished process did. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly events: readonly ProcessEvent[];
}

/** The least of a start: everything but what a test is about. */
export function startParams(
  processId: string,
  argv: string[],
  rest: Partial<ParamsSent<"process/start">> = {},
): ParamsSent<"process/start"> {
  return { processId, argv, cwd: "file:///tmp", env: { PATH: "/usr/bin:/bin" }, tty: false, ...rest };
}

/** Follows a process to its end. */
export async function collect(channel: AsyncIterable<ProcessEvent>): Promise<Outcome> {
  const events: ProcessEvent[] = [];
  for await (const event of channel) events.push(event);
  return outcomeOf(events);
}

/** What a process did, from all of its events. */
export function outcomeOf(events: readonly ProcessEvent[]): Outcome {
  const last = events.at(-1);
  if (last?.kind !== "closed") throw new Error(`The process did not close: ${JSON.stringify(last)}`);
  const exited = events.find((event) => event.kind === "exited");
  return {
    exitCode: exited?.exitCode ?? NaN,
    stdout: bytesOf(events, "stdout"),
    stderr: bytesOf(events, "stderr"),
    events,
  };
}

/** Everything that arrived on a stream. */
export function bytesOf(events: readonly ProcessEvent[], stream: string): Uint8Array {
  const parts = events.flatMap((event) =>
    event.kind === "output" && event.stream === stream ? [event.bytes] : []
  );
  return concat(parts);
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The next event of a kind. */
export async function nextEvent<Kind extends ProcessEvent["kind"]>(
  events: AsyncIterator<ProcessEvent>,
  kind: Kind,
): Promise<Extract<ProcessEvent, { kind: Kind }>> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The events ended before "${kind}"`);
    if (value.kind === kind) return value as Extract<ProcessEvent, { kind: Kind }>;
  }
}
