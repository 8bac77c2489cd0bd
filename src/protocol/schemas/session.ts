import * as v from "valibot";
import { traceContext } from "./trace.ts";
import { fileUri, optional } from "./values.ts";

/** Schemas of the handshake and of the environment's own methods. */

export const initializeParams = v.object({
  /** The client's name, for the log; may be empty. */
  clientName: v.string(),
  /** The session to take up again, by the `sessionId` of an earlier `initialize`. */
  resumeSessionId: optional(v.string()),
  /** Additive: the trace that the connection's calls belong to, for a server that tells of them by OTLP. */
  trace: optional(traceContext),
});

/**
 * What a server says of its machine. This server gives every member, as far as the machine tells it; a client that talks to
 * others too takes every one but `shell` for optional.
 */
export const environmentInfo = v.object({
  /** The login shell of the server's user. */
  shell: v.object({
    /** Such as `bash`. */
    name: v.string(),
    /** Such as `/bin/bash`. */
    path: v.string(),
  }),
  /** The server's version. */
  executorVersion: v.string(),
  /** Which program and build it is, for people. */
  providerId: v.string(),
  /** The server's working directory; null where it was removed. */
  cwd: v.nullable(fileUri),
  /** The home directory of the user it runs as; absent where nothing tells an absolute one. */
  userHomeDir: v.optional(fileUri),
  /** `linux`, `macos` or `windows`. */
  platformOs: v.string(),
  /** Directories that the server put in front of its own `PATH`; none here. */
  prependPathDirs: v.array(fileUri),
  /** The value of `TMPDIR`, where that is an absolute path. */
  temporaryDirectories: v.array(fileUri),
  /** Where temporary files go; absent where `TMPDIR` is a relative path. */
  tempDir: v.optional(fileUri),
  /** What a client may send beyond the least, by flag; an absent flag means false. */
  capabilities: v.record(v.string(), v.boolean()),
});

export const initializeResult = v.object({
  /** The session's name, a UUID: who knows it and can connect can resume the session. */
  sessionId: v.string(),
  /** The server's machine. */
  environmentInfo,
});

export const useBinaryFramesResult = v.object({});

export const environmentStatusResult = v.object({
  /** Always this; anything else does not answer. */
  status: v.literal("ready"),
});

/** What a server says of its machine. */
export type EnvironmentInfo = v.InferOutput<typeof environmentInfo>;
