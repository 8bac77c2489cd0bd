import * as v from "valibot";
import { TERMINAL_DIMENSION } from "../../limits.ts";
import { managedNetwork, networkProxy, sandbox } from "./sandbox.ts";
import { base64, optional, processId, textRecord, unsigned } from "./values.ts";

/** Schemas of the process family. */

/** How the child's environment is made from the server's; all members are required. */
export const envPolicy = v.object({
  /** Start from the server's environment, its core part, or nothing. */
  inherit: v.picklist(["core", "all", "none"]),
  /** False drops names that look like credentials. */
  ignoreDefaultExcludes: v.boolean(),
  /** Globs of names to drop. */
  exclude: v.array(v.string()),
  /** Variables to add. */
  set: textRecord,
  /** Globs of names to keep, where there are any. */
  includeOnly: v.array(v.string()),
});

const dimension = v.pipe(
  v.number(),
  v.check(
    (n: number) => Number.isInteger(n) && n >= 1 && n <= TERMINAL_DIMENSION,
    `must be a whole number from 1 to ${TERMINAL_DIMENSION}`,
  ),
);

/** Rows and columns of a terminal. */
export const terminalSize = v.object({ rows: dimension, cols: dimension });

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

export const startParams = v.object({
  /** The client's name for the process, unique in its session. */
  processId,
  /** The program and its arguments; no shell is added. */
  argv: v.array(v.string()),
  /** Where it starts, as a file URI. */
  cwd: v.string(),
  /** Its environment, or what is laid over the one that `envPolicy` makes. */
  env: textRecord,
  /** A terminal instead of pipes. */
  tty: v.boolean(),
  /** Additive: the terminal's size; 24 rows and 80 columns when absent. Ignored behind pipes. */
  size: optional(terminalSize),
  /** What the program sees as its argv[0]. */
  arg0: optional(v.string()),
  /** Keep stdin writable; otherwise it is `/dev/null`. */
  pipeStdin: v.optional(v.boolean(), false),
  envPolicy: optional(envPolicy),
  /** Attribution only. */
  metadata: optional(v.object({ threadId: v.optional(uuid), toolCallId: v.optional(v.string()) })),
  /** Refused unless its permissions are of type `disabled`. */
  sandbox: optional(sandbox),
  enforceManagedNetwork: v.optional(v.boolean(), false),
  managedNetwork: optional(managedNetwork),
  /** Refused. */
  networkProxy: optional(networkProxy),
  /** Accepted and not used. */
  shellSnapshot: optional(v.object({
    scopeId: v.string(),
    shell: v.object({ name: v.string(), path: v.string() }),
  })),
});

export const startResult = v.object({
  processId,
  /** The mechanism that confines the process. */
  sandboxType: v.literal("none"),
});

export const readParams = v.object({
  processId,
  /** Only events after this one; 0 when absent. */
  afterSeq: optional(unsigned),
  /** Bytes of output at the most, but at least one event. */
  maxBytes: optional(unsigned),
  /** Milliseconds to wait for something to answer; 0 when absent. */
  waitMs: optional(unsigned),
});

/** What output arrives on. A terminal has one stream, `pty`. */
export const outputStream = v.picklist(["stdout", "stderr", "pty"]);

export const readResult = v.object({
  chunks: v.array(v.object({ seq: unsigned, stream: outputStream, chunk: base64 })),
  /** What to go on from: pass `nextSeq - 1` as `afterSeq`. */
  nextSeq: unsigned,
  exited: v.boolean(),
  exitCode: v.nullable(v.number()),
  closed: v.boolean(),
  /** Why the process can no longer be followed. */
  failure: v.nullable(v.string()),
  sandboxDenied: v.boolean(),
});

export const writeParams = v.object({
  processId,
  chunk: base64,
  /** A repeated id is acknowledged and its bytes are dropped. */
  writeId: v.pipe(v.string(), v.nonEmpty("must not be empty")),
});

export const writeResult = v.object({
  status: v.picklist(["accepted", "stdinClosed", "unknownProcess", "starting"]),
});

/** The signals a client may send; the reference server knows only `interrupt`. */
export const signalName = v.picklist([
  "interrupt",
  "hangup",
  "quit",
  "terminate",
  "kill",
  "user1",
  "user2",
  "stop",
  "continue",
]);

export const signalParams = v.object({ processId, signal: signalName });

export const emptyResult = v.object({});

export const processIdParams = v.object({ processId });

/** Additive: a new size for the terminal. */
export const resizeParams = v.object({ processId, size: terminalSize });

export const terminateResult = v.object({ running: v.boolean() });

/** Additive: the status of `process/closeStdin`. */
export const closeStdinResult = v.object({
  status: v.picklist(["accepted", "stdinClosed", "unknownProcess"]),
});

/** Additive: what `process/list` answers. Never arguments, environment or output. */
export const listResult = v.object({
  processes: v.array(v.object({
    processId,
    /** The operating system's number. */
    pid: unsigned,
    tty: v.boolean(),
    /** When it started, in milliseconds since 1970. */
    startedAtMs: unsigned,
    /** The seq the next event will have. */
    nextSeq: unsigned,
    exited: v.boolean(),
    exitCode: v.nullable(v.number()),
    closed: v.boolean(),
  })),
});

export const outputNotification = v.object({ processId, seq: unsigned, stream: outputStream, chunk: base64 });

export const exitedNotification = v.object({
  processId,
  seq: unsigned,
  exitCode: v.number(),
  sandboxDenied: v.boolean(),
});

export const closedNotification = v.object({ processId, seq: unsigned });

export type TerminalSize = v.InferOutput<typeof terminalSize>;
export type EnvPolicy = v.InferOutput<typeof envPolicy>;
export type OutputStream = v.InferOutput<typeof outputStream>;
export type SignalName = v.InferOutput<typeof signalName>;
export type StartParams = v.InferOutput<typeof startParams>;
export type ReadParams = v.InferOutput<typeof readParams>;
