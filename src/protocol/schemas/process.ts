import * as v from "valibot";
import { LIMITED_MEMORY_LEAST_BYTES, TERMINAL_DIMENSION } from "../../limits.ts";
import type { DescriptorStream } from "../descriptor_streams.ts";
import { descriptorNumber, descriptorOutput, processDescriptors } from "./descriptors.ts";
import { execPolicy } from "./exec_policy.ts";
import { managedNetwork, networkProxy, sandbox } from "./sandbox.ts";
import { traceContext } from "./trace.ts";
import { base64, fileUri, name, optional, processId, textRecord, unsigned } from "./values.ts";

/** Schemas of the process family. */

/**
 * How the child's environment is made from the server's, in this order: `inherit`, the default excludes, `exclude`, `set`,
 * `includeOnly`; at last `env` is laid over it, unfiltered. Globs cover a whole name without regard to case: `*` is any
 * run, `?` one character.
 */
export const envPolicy = v.object({
  /**
   * Start from the server's environment, its core part, or nothing. The core: `HOME`, `LANG`, `LC_ALL`, `LC_CTYPE`,
   * `LOGNAME`, `PATH`, `SHELL`, `TEMP`, `TMP`, `TMPDIR`, `USER`.
   */
  inherit: v.picklist(["core", "all", "none"]),
  /** False drops names that look like credentials: `*KEY*`, `*SECRET*`, `*TOKEN*`. */
  ignoreDefaultExcludes: v.boolean(),
  /** Globs of names to drop from what was inherited. */
  exclude: v.array(v.string()),
  /** Variables to add. */
  set: textRecord,
  /** Globs of names to keep; an empty list keeps all. */
  includeOnly: v.array(v.string()),
});

const dimension = v.pipe(
  v.number(),
  v.check(
    (n: number) => Number.isInteger(n) && n >= 1 && n <= TERMINAL_DIMENSION,
    `must be a whole number from 1 to ${TERMINAL_DIMENSION}`,
  ),
);

/** The size of a terminal, in characters. */
export const terminalSize = v.object({
  /** Lines, 1 to 65,535. */
  rows: dimension,
  /** Columns, 1 to 65,535. */
  cols: dimension,
});

/** As the reference server's library reads them: with hyphens, also in braces or behind `urn:uuid:`, or without any. */
const hyphenated = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
const uuid = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^(?:[0-9A-Fa-f]{32}|${hyphenated}|\\{${hyphenated}\\}|urn:uuid:${hyphenated})$`),
    "must be a UUID",
  ),
);

/** What people call a process. */
const processName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
    "must be a letter or a digit, then up to 127 of them or _ . -",
  ),
);

const counted = (least = 1) =>
  v.pipe(unsigned, v.check((n: number) => n >= least, `must be at least ${least}`));

/** What a process may use. What is absent is not limited; a name that is none of these is refused. */
export const processLimits = v.strictObject({
  /** Bytes of memory of everything in it together, at least 1,048,576: what needs more is killed (137). */
  memoryBytes: optional(counted(LIMITED_MEMORY_LEAST_BYTES)),
  /**
   * Seconds of processor time, of each of its processes; of all together too where control groups count them. At the end
   * comes SIGXCPU (152), then SIGKILL (137).
   */
  cpuSeconds: optional(counted()),
  /** Processes and threads at once, itself included: one more cannot be made (EAGAIN). */
  processes: optional(counted()),
  /** Descriptors of each of its processes: one more cannot be opened (EMFILE). */
  openFiles: optional(counted()),
  /** Bytes of each file that it writes: who writes more gets SIGXFSZ (153). */
  fileBytes: optional(counted()),
  /** Milliseconds from its start, after which it is terminated (137). */
  wallMs: optional(counted()),
});

/** A limit by its name in `limits`. */
export const limitName = v.picklist([
  "memoryBytes",
  "cpuSeconds",
  "processes",
  "openFiles",
  "fileBytes",
  "wallMs",
]);

export const startParams = v.object({
  /** The client's name for the process, unique in its session. */
  processId,
  /** The program and its arguments, at least one element; no shell is added. */
  argv: v.array(v.string()),
  /** The directory it starts in. */
  cwd: fileUri,
  /** Its whole environment, or with `envPolicy` what is laid over the one that it makes. */
  env: textRecord,
  /** A terminal instead of pipes: its output comes on one stream, `pty`, and it can always be written to. */
  tty: v.boolean(),
  /** Additive: the terminal's size; 24 rows and 80 columns when absent. Ignored behind pipes. */
  size: optional(terminalSize),
  /** Additive: what the server's own terminal does for it. Ignored behind pipes. */
  screen: optional(v.object({
    /**
     * Answer what the program asks its terminal: what it is, where its cursor is, its modes, colours and size. Without an
     * answer many programs wait for ever. Only for programs that are shown on no other terminal, for that one answers too;
     * false when absent.
     */
    answers: v.optional(v.boolean(), false),
  })),
  /** What the program sees as its argv[0]; `argv[0]` by default. */
  arg0: optional(v.string()),
  /** Behind pipes, keep stdin writable; otherwise it is `/dev/null`. */
  pipeStdin: v.optional(v.boolean(), false),
  /** What the process gets of the server's environment; nothing by default. */
  envPolicy: optional(envPolicy),
  /** For whom it runs. Checked, and told in the log and by `process/list`. */
  metadata: optional(v.object({
    /** The conversation on whose behalf it runs, a UUID. */
    threadId: v.optional(uuid),
    /** Any text. */
    toolCallId: v.optional(v.string()),
  })),
  /** Additive: a name that no other process of the server has which runs. */
  name: optional(processName),
  /** Additive: whether it ends with its session or runs on with the server; the session's when absent. */
  lifetime: optional(v.picklist(["session", "server"])),
  /** Additive: tell the operating system's number in the result; false when absent. */
  tellPid: v.optional(v.boolean(), false),
  /** Additive: the trace that it belongs to; the connection's when absent. */
  trace: optional(traceContext),
  /** Additive: what it may use. What cannot be kept on this machine fails the start, by its name. */
  limits: optional(processLimits),
  /**
   * Additive: descriptors beyond 2 that it has, as streams. What it writes to one is output of the stream `fd3` and so on;
   * what it reads from one is written with `fd`. It has 0, 1, 2, these and no others.
   */
  descriptors: optional(processDescriptors),
  /**
   * Additive: who decides about each program that it and what it starts are about to run, beginning with its own
   * (docs/exec-policy.md). It approves and tells; what confines is the `sandbox`.
   */
  execPolicy: optional(execPolicy),
  /** What the process is confined to. It runs so, or the start fails. */
  sandbox: optional(sandbox),
  /** With a `sandbox`, refused: there is no proxy to be the only way out. Without, it means nothing. */
  enforceManagedNetwork: v.optional(v.boolean(), false),
  /** Means nothing without `enforceManagedNetwork`. */
  managedNetwork: optional(managedNetwork),
  /** Refused. */
  networkProxy: optional(networkProxy),
  /** Lets a server keep the state of a login shell. Accepted, and not used. */
  shellSnapshot: optional(v.object({
    /** What the state is kept for. */
    scopeId: v.string(),
    /** The shell's name and path. */
    shell: v.object({
      /** Such as `bash`. */
      name: v.string(),
      /** Such as `/bin/bash`. */
      path: v.string(),
    }),
  })),
});

export const startResult = v.object({
  processId,
  /** `linuxSeccomp` where the request had a `sandbox`, whatever that takes away; other servers have others. */
  sandboxType: v.picklist(["none", "linuxSeccomp"]),
  /** Additive: the operating system's number, where `tellPid` asked for it. */
  pid: v.optional(unsigned),
});

export const readParams = v.object({
  processId,
  /** Only events after this one; 0 when absent. */
  afterSeq: optional(unsigned),
  /** Additive: only output that the server read at this time or later, in milliseconds since 1970; all when absent. */
  sinceMs: optional(unsigned),
  /** Additive: whether to tell when output came; no when absent. */
  times: optional(v.boolean()),
  /** Bytes of output at the most, but at least one event; no limit when absent. */
  maxBytes: optional(unsigned),
  /** Milliseconds to wait for something to answer; 0 when absent. */
  waitMs: optional(unsigned),
});

/**
 * What output arrives on. A terminal has one stream, `pty`. Streams of descriptors are told only to who asked for them.
 */
export const outputStream = v.union([v.picklist(["stdout", "stderr", "pty"]), descriptorOutput]);

export const readResult = v.object({
  /** Output events, oldest first. Exit and close are told by the flags below. */
  chunks: v.array(v.object({
    /** The event's number. */
    seq: unsigned,
    /** Where it came from. */
    stream: outputStream,
    /** Its bytes. */
    chunk: base64,
    /** Additive: when the server read it, in milliseconds since 1970; absent unless asked for. */
    atMs: v.optional(unsigned),
  })),
  /** What to go on from: pass `nextSeq - 1` as `afterSeq`. */
  nextSeq: unsigned,
  /** Whether the process itself has ended. */
  exited: v.boolean(),
  /** 0 to 255, or 128 + N for death by signal N; null until the exit. */
  exitCode: v.nullable(v.number()),
  /** Whether its output has ended too, and nothing more will come. */
  closed: v.boolean(),
  /** Why the process can no longer be followed; null as long as it can, which is always on this server. */
  failure: v.nullable(v.string()),
  /** Whether its sandbox seems to have stopped it: it failed, and said so. Always false without a sandbox. */
  sandboxDenied: v.boolean(),
  /** Additive: which of its limits ended it, or refused it something; absent where none did. */
  limit: optional(limitName),
});

export const writeParams = v.object({
  processId,
  /** The bytes; none is allowed. */
  chunk: base64,
  /** A key of the client's choice: a repeated one is acknowledged, and its bytes are dropped. */
  writeId: v.pipe(name, v.nonEmpty("must not be empty")),
  /** Additive: a descriptor of kind `input` or `duplex` in the place of stdin; its write ids are its own. */
  fd: optional(descriptorNumber),
});

export const writeResult = v.object({
  /**
   * `accepted`: queued, or dropped because the id was seen or the process takes no more. `stdinClosed`: it has neither a
   * terminal nor a stdin. `starting` comes from other servers: try again.
   */
  status: v.picklist(["accepted", "stdinClosed", "unknownProcess", "starting"]),
  /** Additive: set with `starting` while somebody else has the keyboard; try again when it is given back. */
  keyboard: v.optional(v.literal("viewer")),
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

export const signalParams = v.object({
  processId,
  /** In this order SIGINT, SIGHUP, SIGQUIT, SIGTERM, SIGKILL, SIGUSR1, SIGUSR2, SIGSTOP and SIGCONT. */
  signal: signalName,
});

export const emptyResult = v.object({});

export const processIdParams = v.object({ processId });

export const closeStdinParams = v.object({
  processId,
  /** A descriptor of kind `input` or `duplex` in the place of stdin. */
  fd: optional(descriptorNumber),
});

/** Additive: a new size for the terminal. */
export const resizeParams = v.object({
  processId,
  /** Rows and columns. */
  size: terminalSize,
});

export const terminateResult = v.object({
  /** Whether the process had not exited yet. */
  running: v.boolean(),
});

/** Additive: the status of `process/closeStdin`. */
export const closeStdinResult = v.object({
  /** `accepted` also when it was closed before; `stdinClosed`: it never had a stdin to write to. */
  status: v.picklist(["accepted", "stdinClosed", "unknownProcess"]),
});

/** Additive: what `process/list` answers. Never arguments, environment or output. */
export const listResult = v.object({
  /** In the order they were started. */
  processes: v.array(v.object({
    processId,
    /** The server's own name for it, a UUID; absent from a server that has none. */
    handle: v.optional(v.string()),
    /** What its `metadata.threadId` said; null where that said nothing, absent from a server that does not tell. */
    threadId: v.optional(v.nullable(v.string())),
    /** The operating system's number. */
    pid: unsigned,
    /** Whether it has a terminal. */
    tty: v.boolean(),
    /** When it started, in milliseconds since 1970. */
    startedAtMs: unsigned,
    /** The seq the next event will have. */
    nextSeq: unsigned,
    /** Whether the process itself has ended. */
    exited: v.boolean(),
    /** 0 to 255, or 128 + N for death by signal N; null until the exit. */
    exitCode: v.nullable(v.number()),
    /** The signal that ended it, such as `SIGKILL`; null where none has, absent from a server that does not tell. */
    signal: v.optional(v.nullable(v.string())),
    /** Whether its output has ended too. */
    closed: v.boolean(),
  })),
});

/** The event's number: 1, 2, 3 and so on for each process, over all kinds of events. */
const seq = unsigned;

export const outputNotification = v.object({
  processId,
  seq,
  /** Where it came from. */
  stream: outputStream,
  /** Its bytes, at least one; a character may be cut in two. */
  chunk: base64,
});

export const gapNotification = v.object({
  processId,
  /** The first event that is missing. */
  fromSeq: seq,
  /** The last one. */
  toSeq: seq,
});

export const exitedNotification = v.object({
  processId,
  seq,
  /** 0 to 255, or 128 + N for death by signal N. */
  exitCode: v.number(),
  /** Whether its sandbox seems to have stopped it: it failed, and said so. Always false without a sandbox. */
  sandboxDenied: v.boolean(),
  /** Additive: which of its limits ended it, or refused it something; absent where none did. */
  limit: optional(limitName),
});

export const closedNotification = v.object({ processId, seq });

export type TerminalSize = v.InferOutput<typeof terminalSize>;
export type EnvPolicy = v.InferOutput<typeof envPolicy>;
export type OutputStream = v.InferOutput<typeof outputStream>;
/** Those that every process has, which are what a person sees. */
export type StandardStream = Exclude<OutputStream, DescriptorStream>;
export type LimitName = v.InferOutput<typeof limitName>;
export type SignalName = v.InferOutput<typeof signalName>;
export type ReadParams = v.InferOutput<typeof readParams>;
