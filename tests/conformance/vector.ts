/**
 * The vectors: exchanges recorded from the reference server, one JSON object each in `vectors*.json`.
 *
 * A vector opens a connection named `main` and shakes hands on it (unless it is `raw`), then takes its steps one
 * after the other in a private folder. Text in a step may hold `${name}`; what a step expects is a pattern (see
 * `pattern.ts`).
 */
import type { TokenRecipe } from "./bearer_token.ts";

/** How the server under test is started: `server_groups.ts` has the flags. */
export type ServerGroup = "default" | "capability" | "jwt" | "concurrent";

/** One recorded exchange. */
export interface Vector {
  /** Unique; the compatibility table refers to it. */
  name: string;
  area: string;
  /** `core`: ordinary turns need it; `full`: documented; `quirk`: an accident of the reference. */
  level: "core" | "full" | "quirk";
  /** The server it needs; `default` when absent. */
  server?: ServerGroup;
  /** Abilities that not every host has, such as `sandbox`. */
  requires?: string[];
  /** Waits for timers of 80 seconds. */
  slow?: boolean;
  /** No connection is opened beforehand. */
  raw?: boolean;
  setup?: FileOperation[];
  steps: Step[];
  note?: string;
}

/** Opens a connection; `status` other than 101 expects a refusal. `initialize: false` leaves the handshake out. */
export interface OpenStep {
  open: string;
  path?: string;
  /** Added to those of an upgrade request; an empty value takes the header away. */
  headers?: Record<string, string | TokenRecipe>;
  status?: number;
  /** Pattern of a refusal's body. */
  body?: unknown;
  initialize?: false | Record<string, unknown>;
}

/** Steps that wait for something. */
interface Timed {
  /** Milliseconds until what is expected must have happened. */
  within?: number;
}

/** Members of every step that acts on a connection. */
interface OnConnection extends Timed {
  /** The connection's name; `main` when absent. */
  on?: string;
}

/** Sends a JSON message. */
export interface SendStep extends OnConnection {
  send: unknown;
}

/** Sends text as it is, in frames as odd as asked. `%PAD%` becomes `pad` (`x`) `repeat` times. */
export interface SendRawStep extends OnConnection {
  sendRaw: string;
  /** `sendRaw` is base64, for bytes that are no text. */
  base64?: true;
  opcode?: number;
  mask?: boolean;
  rsv?: number;
  /** Bytes per fragment. */
  split?: number;
  pad?: string;
  repeat?: number;
}

/** Takes the first message that matches; `strict`: the very next message must. */
export interface ExpectStep extends OnConnection {
  expect: unknown;
  strict?: boolean;
  /** Bounds in milliseconds between the last send and the message. */
  elapsed?: { gte?: number; lte?: number };
}

/** No message may match for a while. */
export interface ExpectNoneStep extends OnConnection {
  expectNone: unknown;
}

/** The server must close the connection. */
export interface ExpectClosedStep extends OnConnection {
  expectClosed: true;
}

/** A control frame must arrive. */
export interface ExpectFrameStep extends OnConnection {
  expectFrame: { op: number; text?: string };
}

/** Takes all notifications of a process up to `closed` and compares a summary of them. */
export interface CollectStep extends OnConnection {
  collect: { processId: string; expect: Record<string, unknown>; firstSeq?: number };
}

/** Cuts the TCP connection. */
export interface DropStep extends OnConnection {
  drop: true;
}

/** Waits some milliseconds. */
export interface SleepStep {
  sleep: number;
}

/** A plain HTTP request to the server; `body` is a pattern. */
export interface HttpStep {
  http: { path: string; method?: string; headers?: Record<string, string>; status: number; body?: unknown };
}

/** Prepares a file; relative paths are in the private folder. Modes are octal text. */
export type FileOperation =
  | { mkdir: string }
  | { write: string; text?: string; base64?: string; mode?: string }
  | { symlink: string; to: string }
  | { fifo: string }
  | { remove: string };

/** Changes a file in the middle of an exchange. */
export interface FileOperationStep {
  fs: FileOperation;
}

/** What a file must be like. */
export interface FileCheck {
  path: string;
  absent?: boolean;
  text?: string;
  size?: number;
  mode?: string;
  symlink?: boolean;
  dir?: boolean;
}

/** Looks at a file; links are not followed. */
export interface FileCheckStep {
  file: FileCheck;
}

/** A process must come to be alive, or dead, by its pid. */
export interface ProcessCheckStep extends Timed {
  proc: { pid: string; alive: boolean };
}

/** One step of a vector. */
export type Step =
  | OpenStep
  | SendStep
  | SendRawStep
  | ExpectStep
  | ExpectNoneStep
  | ExpectClosedStep
  | ExpectFrameStep
  | CollectStep
  | DropStep
  | SleepStep
  | HttpStep
  | FileOperationStep
  | FileCheckStep
  | ProcessCheckStep;
