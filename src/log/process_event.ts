import type { LimitName, OutputStream } from "../protocol/schemas/process.ts";

/** When an event came, in whole milliseconds since its process's start; absent where only who runs the process knows that. */
type EventTime = number;

/** Bytes that a child wrote to one of its streams. */
export interface OutputEvent {
  readonly kind: "output";
  readonly seq: number;
  /** Bytes of output in the log's whole life, up to and with this event. */
  readonly offset: number;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
  readonly atMs?: EventTime;
}

/** The child was reaped. Output may still follow. */
export interface ExitedEvent {
  readonly kind: "exited";
  readonly seq: number;
  readonly offset: number;
  readonly exitCode: number;
  /** Whether its sandbox seems to have stopped it; absent means no. */
  readonly sandboxDenied?: boolean;
  /** Which of its limits ended it, or refused it something; absent means none. */
  readonly limit?: LimitName | undefined;
  readonly atMs?: EventTime;
}

/** The child was reaped and its output has ended. Nothing follows. */
export interface ClosedEvent {
  readonly kind: "closed";
  readonly seq: number;
  readonly offset: number;
}

/** What happened to a process, numbered 1, 2, 3, ... without gaps where it runs. */
export type LogEvent = OutputEvent | ExitedEvent | ClosedEvent;

/** Output that a reader was too slow for, and that is no longer retained. */
export interface GapEvent {
  readonly kind: "gap";
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** What a reader learns of a process, in seq order. */
export type ProcessEvent =
  | LogEvent
  | GapEvent
  /** The process can no longer be followed. Comes once, and nothing after it. */
  | { readonly kind: "failed"; readonly message: string };

/** How a process stands; the same for one of this machine, a remote one, and one whose connection was lost. */
export interface ProcessState {
  /** Whether the child has been reaped. */
  readonly hasExited: boolean;
  /** 0 to 255, or 128 + N for death by signal N; null until the exit, and where it cannot be known. */
  readonly exitCode: number | null;
  /** Why the process can no longer be followed; null as long as it can. */
  readonly failureMessage: string | null;
}
